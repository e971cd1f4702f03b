// The picture of a face with its labels, seen at a scale and around a place.
const SVG = "http://www.w3.org/2000/svg";
const POINT_RADIUS = 4; // pixels of the screen

class Canvas {
  constructor(faces) {
    this.faces = faces;
    this.svg = edit.element("canvas");
    this.face = null;
    this.type = INCLUDE; // of the next polygon
    this.mask = null; // which mask is shown: "labels", "mask"; null: the picture
    this.overlay = false;
    this.cursor = null; // [x, y] where the keys, or the pointer, are
    this.crosshair = false;
    this.tool = null; // what the pointer does
    this.assists = null;
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  show(face) {
    if (face !== this.face) {
      this.face = face;
      this.whole(false);
      this.cursor = null;
      this.crosshair = false;
    }
    this.build();
    this.draw();
  }

  // The parts that stay while labels change.
  build() {
    const [width, height] = this.face.size;
    const href = this.faces.picture(this.face.number);
    const full = { width, height, preserveAspectRatio: "none" };
    this.inside = this.make("g", {});
    const mask = this.make("mask", { id: "inside", maskUnits: "userSpaceOnUse", x: 0, y: 0, width, height });
    mask.append(this.inside);
    this.ground = this.make("rect", { class: "ground", width, height });
    this.picture = this.make("image", { href, ...full });
    this.bright = this.make("image", { href, ...full, mask: "url(#inside)" });
    this.white = this.make("rect", { class: "white", width, height, mask: "url(#inside)" });
    this.lines = this.make("g", {});
    this.marks = this.make("g", {});
    this.svg.replaceChildren(mask, this.ground, this.picture, this.bright, this.white, this.lines, this.marks);
  }

  make(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  // View

  whole(draws = true) {
    this.scale = 1;
    this.center = this.face.size.map((side) => side / 2);
    if (draws) this.draw();
  }

  get view() {
    const [width, height] = this.face.size.map((side) => side / this.scale);
    return [this.center[0] - width / 2, this.center[1] - height / 2, width, height];
  }

  // Pixels of the picture for one of the screen.
  get pixel() {
    const [width, height] = this.face.size, { clientWidth, clientHeight } = this.svg;
    return Math.max(width / Math.max(clientWidth, 1), height / Math.max(clientHeight, 1)) / this.scale;
  }

  at(event) {
    const box = this.svg.getBoundingClientRect();
    return [
      this.center[0] + (event.clientX - box.left - box.width / 2) * this.pixel,
      this.center[1] + (event.clientY - box.top - box.height / 2) * this.pixel,
    ];
  }

  // factor: of the scale; the place stays where it is on the screen.
  zoom(factor, place = this.middle) {
    const scale = Math.min(Math.max(this.scale * factor, 1), 20), ratio = this.scale / scale;
    this.scale = scale;
    this.lookAt(place.map((value, axis) => value + (this.center[axis] - value) * ratio));
  }

  // A notch of the wheel.
  zoomStep(inward, place) {
    const step = 0.2 + this.scale / 10;
    this.zoom(Math.max(this.scale + (inward ? step : -step), 0.1) / this.scale, place);
  }

  get middle() {
    return this.crosshair && this.cursor ? this.cursor : this.center;
  }

  lookAt(place) {
    this.center = place.map((value, axis) => Math.min(Math.max(value, 0), this.face.size[axis]));
    this.draw();
  }

  // Bring a place into view.
  reveal(place) {
    const [left, top, width, height] = this.view;
    if (place[0] < left || place[1] < top || place[0] > left + width || place[1] > top + height) this.lookAt(place);
  }

  // Drawing

  draw() {
    const { face } = this;
    if (!face) return;
    this.svg.setAttribute("viewBox", this.view.join(" "));
    this.drawMask();
    this.drawLines();
    this.drawMarks();
  }

  // Which mask is shown: the chosen one, or the best there is where only the outside is to be darkened.
  get shownMask() {
    if (this.mask) return this.mask;
    if (!this.overlay) return null;
    return this.face.masked ? "mask" : "labels";
  }

  drawMask() {
    const shown = this.shownMask;
    this.svg.dataset.mask = shown ? (this.overlay ? "overlay" : "alone") : "none";
    this.inside.replaceChildren();
    if (shown === "labels") {
      const sorted = [INCLUDE, EXCLUDE].flatMap((type) => this.face.polygons.filter((one) => one.type === type));
      for (const one of sorted) this.inside.append(this.make("path", { d: polygons.path(one.points), fill: one.type ? "white" : "black" }));
    } else if (shown) {
      const [width, height] = this.face.size;
      this.inside.append(this.make("image", { href: this.maskAddress(shown), width, height, preserveAspectRatio: "none" }));
    }
  }

  // name: mask, prediction
  maskAddress(name) {
    return `/face/${this.face.number}/${name}?v=${edit.setup.run}`;
  }

  drawLines() {
    const { face } = this, ghost = this.assists.ghost;
    this.lines.replaceChildren();
    if (ghost) this.lines.append(this.make("path", { class: "ghost", d: polygons.path(ghost.points) }));
    face.polygons.forEach((one, number) => this.drawLine(one, number === face.selected ? "selected" : ""));
    const shown = face.draft ?? face.current;
    if (face.draft) this.drawLine(face.draft, "drawn", true);
    if (!shown) return;
    shown.points.forEach((point, place) => {
      const first = face.draft && !place && shown.points.length > 2;
      const kind = `point ${shown.type ? "include" : "exclude"}${place === face.point && !face.draft ? " chosen" : ""}${first ? " first" : ""}`;
      this.lines.append(this.make("circle", { class: kind, cx: point[0], cy: point[1], r: (first ? 6 : POINT_RADIUS) * this.pixel }));
    });
  }

  drawLine(one, state, open = false) {
    const d = polygons.path(one.points, open);
    this.lines.append(
      this.make("path", { class: "shadow", d }), this.make("path", { class: `line ${one.type ? "include" : "exclude"} ${state}`, d }),
    );
  }

  // What follows the pointer.
  drawMarks() {
    this.marks.replaceChildren();
    if (!this.face) return;
    const { draft } = this.face;
    if (draft?.points.length && this.cursor) {
      const d = polygons.path([draft.points.at(-1), this.cursor], true);
      this.marks.append(this.make("path", { class: `line rubber ${draft.type ? "include" : "exclude"}`, d }));
    }
    if (this.crosshair && this.cursor) {
      const [x, y] = this.cursor, arm = 12 * this.pixel;
      this.marks.append(this.make("path", { class: "crosshair", d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}` }));
    }
    this.tool?.drawMarks?.(this);
  }
}
