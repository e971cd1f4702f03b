// Rough marks that the server turns into an outline, refined by more marks until the person goes on to something else.
class RefiningTool {
  constructor(canvas, assists) {
    Object.assign(this, { canvas, assists });
    this.restart();
  }

  restart() {
    this.before = null; // labels to which the outline is added
    this.made = null; // labels that this tool has made
    this.kind = this.canvas.type;
    this.face = null;
  }

  // Marks for an outline that somebody has changed meanwhile, or for another face, begin a new one.
  begin() {
    const { face } = this.canvas;
    if (this.before && this.face === face && (this.pending || this.made === face.polygons) && this.kind === this.canvas.type) return;
    this.restart();
    this.face = face;
    this.before = face.polygons;
  }

  send(verb, marks) {
    const { before, kind, face } = this;
    this.pending = true;
    this.assists.run(verb, () => ({ polygons: before, kind, ...marks }), () => {
      this.pending = false;
      if (this.face === face) this.made = face.polygons;
      this.canvas.drawMarks();
    });
  }

  finish() {
    this.restart();
    this.canvas.draw();
  }

  cancel() {}

  // Whether there was something to give up.
  escape() {
    const had = Boolean(this.before);
    this.finish();
    return had;
  }

  setType(type) {
    this.canvas.type = type;
  }
}

// A box around something, then strokes on what belongs to it and, with Ctrl, on what does not.
class GrabCutTool extends RefiningTool {
  restart() {
    super.restart();
    Object.assign(this, { box: null, corner: null, far: null, stroke: null, inside: [], outside: [] });
  }

  get hint() {
    return edit.text(this.box ? "grab_strokes" : "grab_box");
  }

  press(place, { edits }) {
    if (!this.corner) this.begin();
    if (this.box) this.stroke = { points: [place], radius: brush.radius * this.canvas.pixel, out: edits };
    else if (this.corner) this.far = place; // the second of two clicks
    else this.corner = place;
  }

  drag(place) {
    if (this.stroke) this.stroke.points.push(place);
    else if (this.corner) this.far = place;
  }

  release() {
    if (this.stroke) {
      const { points, radius, out } = this.stroke;
      (out ? this.outside : this.inside).push({ points, radius });
      this.stroke = null;
      this.ask();
    } else if (this.corner && this.far) {
      const [[left, top], [right, bottom]] = [this.corner, this.far];
      this.box = [Math.min(left, right), Math.min(top, bottom), Math.max(left, right), Math.max(top, bottom)];
      this.corner = this.far = null;
      this.ask();
    }
  }

  ask() {
    this.send("grab_cut", { box: this.box, inside: this.inside, outside: this.outside });
  }

  cancel() {
    this.stroke = this.corner = this.far = null;
  }

  drawMarks(canvas) {
    const far = this.far ?? canvas.cursor;
    const box = this.box ?? (this.corner && far && [...this.corner, ...far]);
    if (box) {
      const [left, top, right, bottom] = box;
      canvas.marks.append(canvas.make("path", { class: "line box", d: `M${left} ${top}H${right}V${bottom}H${left}Z` }));
    }
    if (!this.box) return;
    const stroke = this.stroke ? [{ ...this.stroke }] : [];
    for (const { points, radius } of [...this.inside, ...stroke.filter((one) => !one.out)]) drawStroke(canvas, points, radius, "include");
    for (const { points, radius } of [...this.outside, ...stroke.filter((one) => one.out)]) drawStroke(canvas, points, radius, "erase");
    drawBrush(canvas);
  }
}

// Clicks on something, and with Ctrl on what does not belong to it.
class SegmentTool extends RefiningTool {
  restart() {
    super.restart();
    this.points = [];
    this.labels = [];
  }

  get hint() {
    return edit.text("segmenting");
  }

  press(place, { edits }) {
    this.begin();
    this.points.push(place);
    this.labels.push(edits ? 0 : 1);
  }

  drag(place) {
    this.points[this.points.length - 1] = place;
  }

  release() {
    this.send("segment", { points: [...this.points], labels: [...this.labels] });
  }

  drawMarks(canvas) {
    this.points.forEach(([cx, cy], place) => {
      const kind = this.labels[place] ? "include" : "exclude";
      canvas.marks.append(canvas.make("circle", { class: `point ${kind}`, cx, cy, r: 5 * canvas.pixel }));
    });
  }
}
