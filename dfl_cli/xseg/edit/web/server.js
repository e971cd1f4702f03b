// What the scripts of the editor have in common: texts, questions to the server, messages.
const edit = {
  texts: {},
  setup: {},
  reachable: true, // whether the server answered last time
  element: (id) => document.getElementById(id),

  text(key, values = {}) {
    return edit.texts[key].replace(/{(\w+)}/g, (whole, name) => (name in values ? values[name] : whole));
  },

  // {status, content}; status 0 where no server answered, 403 where one of a later start did.
  async send(path, body) {
    const post = body === undefined ? {} : {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
    };
    let status = 0, content = {};
    try {
      const answer = await fetch(path, post);
      status = answer.status;
      if (status !== 403) content = await answer.json();
    } catch {
      status = 0;
    }
    edit.reachable = status !== 0 && status !== 403;
    edit.restarted = status === 403;
    return { status, content };
  },

  // The answer as an object; null where something went wrong, which is shown unless it is that nobody answers.
  async ask(path, body) {
    const { status, content } = await edit.send(path, body);
    if (status === 200) return content;
    if (edit.reachable) edit.say(content.error ?? JSON.stringify(content.detail), "bad");
    return null;
  },

  // What the person chose stays for the next time.
  setting(name, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(`dfl-xseg-${name}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },

  keepSetting(name, value) {
    try {
      localStorage.setItem(`dfl-xseg-${name}`, JSON.stringify(value));
    } catch {
      // no room, or not allowed
    }
  },

  say(text, kind = "good") {
    const message = edit.element("message");
    message.textContent = text;
    message.dataset.kind = kind;
    message.hidden = !text;
    clearTimeout(edit.saying);
    if (kind === "good") edit.saying = setTimeout(() => { message.hidden = true; }, 4000);
  },
};
