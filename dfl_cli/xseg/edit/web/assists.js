// What the server does for the person: labels of another face, of a network, of brushes and rough marks.
class Assists {
  // canvas: whose face gets the labels; busy(count): so many answers are awaited
  constructor(canvas, { busy }) {
    Object.assign(this, { canvas, onBusy: busy });
    this.waiting = 0;
    this.last = Promise.resolve();
    this.automatic = edit.setting("automatic", false); // labels begin with the outline of the landmarks
  }

  // Labels for the face that is shown, one request after the other. body(face): what is asked, when it is its turn.
  run(verb, body, done = () => {}) {
    const { face } = this.canvas;
    this.wait(1);
    this.last = this.last.then(async () => {
      const before = face.polygons;
      const found = await edit.ask(`/face/${face.number}/${verb}`, body(face));
      this.wait(-1);
      if (!found) {
        if (!edit.reachable) edit.say(edit.text("needs_server"), "bad");
        return;
      }
      this.put(face, this.with(before, face.polygons, found.polygons));
      done(face, found);
    });
    return this.last;
  }

  // What the server made of `before`, with what the person has drawn meanwhile.
  with(before, now, found) {
    const made = found.map((one) => ({ ...one, points: one.points.map(polygons.point) }));
    return polygons.same(before, now) ? made : polygons.merged(before, now, made) ?? polygons.union(made, now);
  }

  wait(change) {
    this.waiting += change;
    this.onBusy(this.waiting);
  }

  put(face, wanted) {
    face.selected = -1;
    face.change(this.complete(face, wanted));
  }

  // Polygons that only exclude cut from the automatic mask, where the person wants that.
  complete(face, wanted) {
    const needs = this.automatic && wanted.length && !wanted.some((one) => one.type === INCLUDE);
    return needs ? [face.hull, ...wanted] : wanted;
  }

  setAutomatic(on) {
    this.automatic = on;
    edit.keepSetting("automatic", on);
    if (on) this.canvas.tool.setType(EXCLUDE);
  }

  // Shown faintly while there is no label that includes.
  get ghost() {
    const { face } = this.canvas;
    return this.automatic && face && !face.polygons.some((one) => one.type === INCLUDE) ? face.hull : null;
  }

  // The automatic mask as the label, with what already is excluded from it.
  hull() {
    const { face } = this.canvas;
    face.selected = -1;
    face.change([face.hull, ...face.polygons.filter((one) => one.type === EXCLUDE)]);
  }

  copy() {
    return this.run("copy", () => ({}), (_, found) => edit.say(edit.text("copied", { name: found.from })));
  }

  prefill() {
    const labels = ({ model }) => (model ? edit.text("prefilled", { model }) : edit.text("prefilled_generic"));
    return this.run("prefill", () => ({}), (_, found) => edit.say(labels(found)));
  }
}
