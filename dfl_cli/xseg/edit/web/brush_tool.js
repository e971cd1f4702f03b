// A round brush: what it paints is added to the labels of the chosen kind, or erased from them.
const brush = {
  radius: 14, // pixels of the screen

  change(factor) {
    brush.radius = Math.min(Math.max(brush.radius * factor, 2), 200);
    edit.keepSetting("radius", brush.radius);
  },
};

class BrushTool {
  constructor(canvas, assists, { erase }) {
    Object.assign(this, { canvas, assists, erase });
    this.strokes = []; // also those whose answer is awaited
  }

  get hint() {
    return edit.text(this.erase ? "erasing" : "painting");
  }

  press(place) {
    this.stroke = { points: [place], radius: brush.radius * this.canvas.pixel, type: this.canvas.type };
    this.strokes.push(this.stroke);
  }

  drag(place, event) {
    const all = event?.getCoalescedEvents?.() ?? [];
    this.stroke?.points.push(...(all.length ? all.map((each) => this.canvas.at(each)) : [place]));
  }

  release() {
    const { stroke } = this;
    if (!stroke) return;
    this.stroke = null;
    const sent = { strokes: [{ points: stroke.points, radius: stroke.radius }], kind: stroke.type, erase: this.erase };
    this.assists.run("brush", (face) => ({ polygons: face.polygons, ...sent })).then(() => this.forget(stroke));
  }

  forget(stroke) {
    this.strokes = this.strokes.filter((one) => one !== stroke);
    this.canvas.drawMarks();
  }

  cancel() {
    if (this.stroke) this.forget(this.stroke);
    this.stroke = null;
  }

  finish() {}

  escape() {
    this.cancel();
    return false;
  }

  setType(type) {
    this.canvas.type = type;
  }

  drawMarks(canvas) {
    for (const { points, radius, type } of this.strokes) drawStroke(canvas, points, radius, this.erase ? "erase" : type ? "include" : "exclude");
    drawBrush(canvas);
  }
}

function drawStroke(canvas, points, radius, kind) {
  const d = `${polygons.path(points, true)}l0 0`; // a line of no length is a dot
  canvas.marks.append(canvas.make("path", { class: `stroke ${kind}`, d, "stroke-width": 2 * radius }));
}

function drawBrush(canvas) {
  if (!canvas.cursor) return;
  const [cx, cy] = canvas.cursor;
  canvas.marks.append(canvas.make("circle", { class: "brush", cx, cy, r: brush.radius * canvas.pixel }));
}
