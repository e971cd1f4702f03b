// What the scripts of the editor have in common, beside what all pages have: its setup, questions to a server that may be gone.
const edit = {
  ...common,
  setup: {},
  reachable: true, // whether the server answered last time

  // {status, content}; status 0 where no server answered, 403 where one of a later start did.
  async send(path, body) {
    let status = 0, content = {};
    try {
      const answer = await common.request(path, body);
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
};
