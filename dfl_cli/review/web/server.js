// What the scripts of the review have in common, beside what all pages have: questions to the server, one after the other.
const review = {
  ...common,
  state: { revision: -1, shown: 0, states: {} },

  // The answer as an object, or as a blob if it is a picture; null where something went wrong, which is shown.
  async ask(path, body) {
    let answer;
    try {
      answer = await common.request(path, body);
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
};
