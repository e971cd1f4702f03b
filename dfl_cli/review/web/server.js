// What the scripts of the review have in common: texts, questions to the server, messages.
const review = {
  texts: {},
  state: { revision: -1, shown: 0, states: {} },
  element: (id) => document.getElementById(id),

  text(key, values = {}) {
    return review.texts[key].replace(/{(\w+)}/g, (whole, name) => (name in values ? values[name] : whole));
  },

  // The answer as an object, or as a blob if it is a picture; null where something went wrong, which is shown.
  async ask(path, body) {
    const post = body === undefined ? {} : {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
    };
    let answer;
    try {
      answer = await fetch(path, post);
    } catch {
      review.say(review.text("lost"), "bad");
      return null;
    }
    if ((answer.headers.get("content-type") ?? "").startsWith("image/")) return answer.blob();
    const content = await answer.json();
    if (answer.ok) return content;
    review.say(content.error ?? JSON.stringify(content.detail), "bad");
    return null;
  },

  // As `ask`, one after the other: threads of the server would do two of them in any order.
  does(path, body) {
    const answer = review.last.then(() => review.ask(path, body));
    review.last = answer;
    return answer;
  },
  last: Promise.resolve(),

  say(text, kind = "good") {
    const message = review.element("message");
    message.textContent = text;
    message.dataset.kind = kind;
    message.hidden = !text;
    clearTimeout(review.saying);
    if (kind === "good") review.saying = setTimeout(() => { message.hidden = true; }, 4000);
  },
};
