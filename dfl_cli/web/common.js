// What the scripts of every page that is made of a page.html have in common: texts, questions to the server, messages, help.
const common = {
  texts: {},
  element: (id) => document.getElementById(id),

  text(key, values = {}) {
    return common.texts[key].replace(/{(\w+)}/g, (whole, name) => (name in values ? values[name] : whole));
  },

  // With a body it is a POST.
  request(path, body) {
    return fetch(path, body === undefined ? {} : {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
    });
  },

  say(text, kind = "good") {
    const message = common.element("message");
    message.textContent = text;
    message.dataset.kind = kind;
    message.hidden = !text;
    clearTimeout(common.saying);
    if (kind === "good") common.saying = setTimeout(() => { message.hidden = true; }, 4000);
  },

  help() {
    const dialog = common.element("help-dialog");
    if (dialog.open) dialog.close();
    else dialog.showModal();
  },

  // `make` is called when the element `id` is there: NiceGUI puts the page together after the scripts of its head.
  whenBuilt(id, make) {
    new MutationObserver((_, observer) => {
      if (!common.element(id)) return;
      observer.disconnect();
      common.texts = JSON.parse(common.element(id).dataset.texts);
      make();
    }).observe(document, { childList: true, subtree: true });
  },
};
