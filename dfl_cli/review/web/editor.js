// One frame: its faces are drawn, moved and saved, and the aligned crop is shown meanwhile.
const SVG = "http://www.w3.org/2000/svg";
const LINES = [[0, 16], [17, 21], [22, 26], [27, 30], [31, 35], [36, 41, true], [42, 47, true], [48, 59, true], [60, 67, true]];
const GRAB = { mouse: 9, pen: 12, touch: 22 }; // pixels of the screen around a point

class Editor {
  constructor({ next, changed }) {
    this.next = next; // goes to another frame of the list
    this.onChange = changed; // a repair was saved
    this.canvas = review.element("canvas");
    this.drafts = new Map(); // number of a frame -> what is not saved yet
    this.frame = null;
    this.listen();
  }

  // Show a frame, and in it the face of a file; unsaved changes are still there.
  async open(number, file) {
    this.wanted = number;
    const found = await review.ask(`/frame/${number}`);
    if (this.wanted !== number) return; // another one by now
    this.show(found, number);
    if (file in (found?.files ?? {}) && found.files[file] < this.draft.faces.length) {
      this.draft.face = found.files[file];
      this.draw();
    }
  }

  show(found, number) {
    this.canvas.replaceChildren();
    this.frame = found;
    this.boxing = null;
    review.element("crop").hidden = true;
    if (!found) {
      this.frame = null;
      review.element("editor-text").textContent = "";
      return;
    }
    review.say("");
    this.draft = this.drafts.get(number) ?? { version: found.version, faces: found.faces, undo: [], face: found.faces.length ? 0 : -1, point: null };
    this.whole();
    this.picture = this.make("image", { href: `/frame/${number}/picture?v=${found.revision}`, width: found.size[0], height: found.size[1] });
    this.layer = this.make("g", {});
    this.canvas.append(this.picture, this.layer);
    this.draw();
  }

  make(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  get face() {
    return this.draft?.faces[this.draft.face];
  }

  get unsaved() {
    return this.drafts.size;
  }

  // View

  whole() {
    this.view = [0, 0, ...this.frame.size];
    this.look();
  }

  look() {
    this.canvas.setAttribute("viewBox", this.view.join(" "));
    if (this.layer) this.draw();
  }

  zoom(factor, [x, y] = this.middle) {
    const [left, top, width, height] = this.view;
    const scale = Math.min(Math.max(width / factor, 16), this.frame.size[0] * 2) / width;
    this.view = [x - (x - left) * scale, y - (y - top) * scale, width * scale, height * scale];
    this.look();
  }

  get middle() {
    const points = this.face?.points;
    if (points) return this.draft.point === null ? center(points) : points[this.draft.point];
    const [left, top, width, height] = this.view;
    return [left + width / 2, top + height / 2];
  }

  // Pixels of the frame for one of the screen.
  get pixel() {
    const matrix = this.canvas.getScreenCTM();
    return matrix ? 1 / matrix.a : 1;
  }

  at(event) {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.canvas.getScreenCTM().inverse());
    return [place.x, place.y];
  }

  draw() {
    const { draft, frame } = this;
    if (!frame) return;
    this.layer.replaceChildren();
    draft.faces.forEach((face, number) => this.drawFace(face, number === draft.face));
    if (this.boxing) this.drawBox(this.boxing, "box new");
    const all = draft.point === null;
    const parts = [review.text("canvas", { name: frame.name, count: draft.faces.length })];
    if (this.boxing) parts.push(review.text("box_help"));
    else if (this.face) {
      parts.push(review.text("face", { number: draft.face + 1, count: draft.faces.length }));
      parts.push(all ? review.text("all_points") : review.text("point", { number: draft.point + 1 }));
      if (!this.face.sure) parts.push(review.text("uncertain"));
    } else parts.push(review.text("nothing"));
    if (this.drafts.has(frame.number)) parts.push(review.text("unsaved"));
    else if (frame.repaired) parts.push(review.text("repaired"));
    review.element("editor-text").textContent = parts.join("\n");
    this.canvas.setAttribute("aria-label", parts.join(" "));
    for (const [name, on] of [["box", this.boxing], ["whole", all]]) {
      document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", Boolean(on));
    }
    this.showCrop();
  }

  drawFace(face, current) {
    const kind = `${face.by_hand ? "by-hand" : face.sure ? "sure" : "uncertain"}${current ? " current" : ""}`;
    this.drawBox(face.box, `box ${kind}`);
    for (const [first, last, closed] of LINES) {
      const points = face.points.slice(first, last + 1).map((point) => point.join(",")).join(" ");
      this.layer.append(this.make(closed ? "polygon" : "polyline", { points, class: `line ${kind}` }));
    }
    if (!current) return;
    const radius = 2.5 * this.pixel;
    face.points.forEach(([cx, cy], number) => {
      const chosen = number === this.draft.point;
      this.layer.append(this.make("circle", { cx, cy, r: chosen ? 2 * radius : radius, class: `point ${chosen ? "chosen" : kind}` }));
    });
  }

  drawBox([left, top, right, bottom], kind) {
    const x = Math.min(left, right), y = Math.min(top, bottom);
    this.layer.append(this.make("rect", { x, y, width: Math.abs(right - left), height: Math.abs(bottom - top), class: kind }));
  }

  // The crop follows the points; while one is on its way the next waits, and only the last.
  async showCrop() {
    const picture = review.element("crop");
    const face = this.face;
    if (!face) {
      picture.hidden = true;
      return;
    }
    const key = JSON.stringify([this.frame.number, this.frame.revision, face.points]);
    if (key === this.cropped) {
      picture.hidden = false;
      return;
    }
    if (this.cropping) return;
    this.cropping = true;
    const content = await review.ask(`/frame/${this.frame.number}/crop`, { points: face.points });
    this.cropping = false;
    this.cropped = key;
    if (content instanceof Blob) {
      URL.revokeObjectURL(picture.src);
      picture.src = URL.createObjectURL(content);
      picture.hidden = false;
    }
    this.showCrop();
  }

  // Changes

  change(faces, { face = this.draft.face, step = true } = {}) {
    if (step) this.draft.undo.push({ faces: this.draft.faces, face: this.draft.face });
    Object.assign(this.draft, { faces, face: Math.min(face, faces.length - 1) });
    this.drafts.set(this.frame.number, this.draft);
    this.draw();
  }

  changeFace(change, options) {
    const faces = this.draft.faces.map((face, number) => (number === this.draft.face ? { ...face, ...change(face) } : face));
    this.change(faces, options);
  }

  // Move the chosen point, or the whole face.
  moveBy([right, down], options) {
    const { point } = this.draft;
    this.changeFace((face) => ({
      by_hand: true,
      points: face.points.map(([x, y], number) => (point === null || number === point ? [x + right, y + down] : [x, y])),
      box: point === null ? face.box.map((side, number) => side + (number % 2 ? down : right)) : face.box,
    }), options);
  }

  async find(box) {
    this.boxing = null;
    const { number } = this.frame;
    const found = await review.ask(`/frame/${number}/box`, { box });
    if (!found || this.frame?.number !== number) {
      this.draw();
      return;
    }
    this.draft.point = null;
    this.change([...this.draft.faces, { number: null, ...found }], { face: this.draft.faces.length });
    review.say(review.text(found.found ? "found" : "not_found"), found.found ? "good" : "bad");
  }

  async save(faces = this.draft.faces) {
    const { number } = this.frame;
    const sent = faces?.map((face) => ({
      number: face.number, drawn: face.drawn ?? null, accepted: Boolean(face.accepted), box: face.box, points: face.points,
    })) ?? null;
    const found = await review.ask(`/frame/${number}/repair`, { faces: sent, version: this.draft.version });
    if (!found) return;
    this.drafts.delete(number);
    if (this.frame?.number === number) {
      const { view } = this, { face, point } = this.draft;
      this.show(found, number);
      Object.assign(this.draft, { point, face: Math.min(Math.max(face, 0), found.faces.length - 1) });
      this.view = view;
      this.look();
    }
    review.say(review.text(faces ? "saved" : "back"));
    this.onChange();
  }

  undo() {
    const before = this.draft.undo.pop();
    if (!before) return;
    Object.assign(this.draft, before);
    if (!this.draft.undo.length) this.drafts.delete(this.frame.number);
    this.draw();
  }

  // Choose a point, and bring it into view.
  choose(number) {
    this.draft.point = number;
    const [x, y] = this.face.points[number], [left, top, width, height] = this.view;
    if (x < left || y < top || x > left + width || y > top + height) this.view = [x - width / 2, y - height / 2, width, height];
    this.look();
  }

  startBox() {
    if (this.boxing) this.boxing = null;
    else {
      const [left, top, width, height] = this.view, side = Math.min(width, height) / 4;
      const x = left + width / 2, y = top + height / 2;
      this.boxing = [x - side, y - side, x + side, y + side];
    }
    this.draw();
  }

  act(name) {
    if (name === "previous" || name === "next") return this.next(name === "next" ? 1 : -1);
    if (!this.frame) return undefined;
    const { draft } = this;
    switch (name) {
      case "save": return this.save();
      case "original": return this.save(null);
      case "box": this.canvas.focus(); return this.startBox();
      case "undo": return this.undo();
      case "closer": return this.zoom(1.4);
      case "farther": return this.zoom(1 / 1.4);
      case "fit": return this.whole();
      default:
    }
    if (!this.face) return undefined;
    switch (name) {
      case "whole": draft.point = draft.point === null ? 30 : null; return this.draw();
      case "face": draft.face = (draft.face + 1) % draft.faces.length; return this.draw();
      case "accept": return this.changeFace(() => ({ accepted: true, sure: true, by_hand: true }));
      case "remove": return this.change(draft.faces.filter((_, number) => number !== draft.face));
      case "point": return this.choose(((draft.point ?? -1) + 1) % 68);
      case "point-back": return this.choose(((draft.point ?? 68) + 67) % 68);
      default: return undefined;
    }
  }

  // Keys that hold wherever the focus is in the view of frames; arrows only on the picture.
  key(event) {
    const names = {
      s: "save", o: "original", b: "box", w: "whole", f: "face", k: "accept", x: "remove", Delete: "remove", z: "undo", "+": "closer",
      "=": "closer", "-": "farther", 0: "fit", "[": "point-back", "]": "point", ",": "previous", ".": "next",
    };
    if (event.key in names) this.act(names[event.key]);
    else if (event.key === "Enter" && this.boxing) this.find(this.boxing);
    else if (event.key === "Escape" && this.boxing) this.startBox();
    else if (document.activeElement === this.canvas && this.frame) return this.arrow(event);
    else return false;
    return true;
  }

  arrow(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way) return false;
    if (event.ctrlKey) {
      const [left, top, width, height] = this.view;
      this.view = [left + (way[0] * width) / 10, top + (way[1] * height) / 10, width, height];
      this.look();
    } else if (this.boxing) {
      const step = Math.max(Math.min(...this.frame.size) / 50, 1), [right, down] = way.map((side) => side * step);
      const [left, top, end, bottom] = this.boxing;
      this.boxing = event.shiftKey
        ? [left, top, Math.max(end + right, left + step), Math.max(bottom + down, top + step)]
        : [left + right, top + down, end + right, bottom + down];
      this.draw();
    } else if (this.face) this.moveBy(way.map((side) => side * (event.shiftKey ? 10 : 1)));
    return true;
  }

  // Mouse, pen and finger

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.frame && this.press(event));
    canvas.addEventListener("pointermove", (event) => this.pressed && this.drag(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", () => { this.pressed = null; });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (this.frame) this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, this.at(event));
    }, { passive: false });
    for (const button of document.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => this.act(button.dataset.do));
    }
  }

  press(event) {
    event.preventDefault();
    this.canvas.focus();
    this.canvas.setPointerCapture(event.pointerId);
    const place = this.at(event);
    this.pressed = { start: place, last: place, does: "box" };
    if (event.button !== 0) this.pressed.does = "pan";
    else if (this.boxing) this.pressed.does = "box";
    else this.grab(place, GRAB[event.pointerType] ?? GRAB.mouse);
    if (this.pressed.does === "box") this.boxing = [...place, ...place];
  }

  // What a press on `place` takes hold of: a point of the face, the face, or nothing.
  grab(place, reach) {
    const { draft } = this;
    const near = this.face ? nearest(this.face.points, place) : null;
    const isNear = near !== null && distance(this.face.points[near], place) < reach * this.pixel;
    if (isNear && !(draft.point === null && this.all)) {
      draft.point = near;
      this.pressed.does = "move";
    } else {
      const inside = draft.faces.findIndex(({ box: [left, top, right, bottom] }) => (
        place[0] > left && place[0] < right && place[1] > top && place[1] < bottom));
      const own = this.face?.box;
      const inOwn = own && place[0] > own[0] && place[0] < own[2] && place[1] > own[1] && place[1] < own[3];
      if (inside < 0 && !inOwn) return;
      if (!inOwn) draft.face = inside;
      draft.point = null;
      this.pressed.does = "move";
    }
    this.draw();
  }

  drag(event) {
    const { pressed } = this, place = this.at(event);
    const by = [place[0] - pressed.last[0], place[1] - pressed.last[1]];
    if (pressed.does === "pan") {
      this.view = [this.view[0] - by[0], this.view[1] - by[1], this.view[2], this.view[3]];
      this.look();
      return; // the place under the pointer is the same again
    }
    pressed.last = place;
    if (pressed.does === "box") {
      this.boxing = [...pressed.start, ...place];
      this.draw();
    } else if (by[0] || by[1]) {
      this.moveBy(by, { step: !pressed.moved });
      pressed.moved = true;
    }
  }

  release() {
    const { pressed } = this;
    this.pressed = null;
    if (pressed?.does !== "box") return;
    const [left, top, right, bottom] = this.boxing;
    const isClick = Math.max(Math.abs(right - left), Math.abs(bottom - top)) < 4 * this.pixel;
    if (isClick) {
      this.boxing = null;
      this.draw();
    } else this.find(this.boxing);
  }
}

function center(points) {
  return [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
}

function distance(one, other) {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}

function nearest(points, place) {
  let best = 0;
  points.forEach((point, number) => { if (distance(point, place) < distance(points[best], place)) best = number; });
  return best;
}
