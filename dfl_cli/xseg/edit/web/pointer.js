// Mouse, pen and fingers on the canvas: one of them works with the tool, the middle button and two fingers move the picture.
const REACH = { mouse: 8, pen: 12, touch: 22 }; // pixels of the screen around a point

class Pointer {
  constructor(canvas, eraser) {
    Object.assign(this, { canvas, eraser });
    this.points = false; // the button for points is on
    this.touches = new Map(); // id -> [x, y] of the screen
    this.does = null; // "tool", "pan", "pinch"
    this.tool = null; // that began with the press; the far end of some pens is an eraser
    const { svg } = canvas;
    svg.addEventListener("pointerdown", (event) => canvas.face && this.press(event));
    svg.addEventListener("pointermove", (event) => canvas.face && this.move(event));
    for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, (event) => this.release(event));
    svg.addEventListener("pointerleave", () => this.leave());
    for (const name of ["touchstart", "touchmove", "touchend"]) { // else a browser takes the next tap for the end of a gesture
      svg.addEventListener(name, (event) => event.preventDefault(), { passive: false });
    }
    svg.addEventListener("contextmenu", (event) => event.preventDefault());
    svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (canvas.face) canvas.zoomStep(event.deltaY < 0, this.place(event));
    }, { passive: false });
  }

  // Where a pointer is in the picture; with Shift it is in the middle.
  place(event) {
    return this.locked ? this.canvas.center : this.canvas.at(event);
  }

  press(event) {
    event.preventDefault();
    const { canvas } = this;
    canvas.svg.focus({ preventScroll: true });
    canvas.svg.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") this.touches.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.touches.size === 2) {
      if (this.does === "tool") {
        canvas.face.held = false;
        this.tool.cancel();
      }
      this.does = "pinch";
      this.pinched = this.pinch();
    } else if (event.button === 1 || event.button === 2) {
      this.does = "pan";
    } else if ((event.button === 0 || event.button === 5) && this.does === null) {
      this.does = "tool";
      this.tool = event.button === 5 ? this.eraser : canvas.tool;
      const reach = (REACH[event.pointerType] ?? REACH.mouse) * canvas.pixel;
      canvas.crosshair &&= this.locked;
      canvas.cursor = this.place(event);
      canvas.face.held = true;
      this.start = [event.clientX, event.clientY];
      this.tool.press(canvas.cursor, { reach, edits: event.ctrlKey || event.metaKey || this.points });
      canvas.drawMarks();
    }
  }

  move(event) {
    const { canvas } = this;
    if (this.touches.has(event.pointerId)) this.touches.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.does === "pinch") this.movePinch();
    else if (this.does === "pan") canvas.lookAt(canvas.center.map((value, axis) => value - [event.movementX, event.movementY][axis] * canvas.pixel));
    else if (this.does === "tool") this.drag(event);
    else if (event.pointerType === "mouse") this.hover(event);
  }

  // A hand that trembles does not drag.
  drag(event) {
    const { canvas } = this;
    const far = Math.hypot(event.clientX - this.start[0], event.clientY - this.start[1]);
    if (far < 3 && !this.moved) return;
    this.moved = true;
    canvas.cursor = canvas.at(event);
    this.tool.drag(canvas.cursor, event);
    canvas.drawMarks();
  }

  // With Shift the pointer stays in the middle, and the picture moves under it.
  hover(event) {
    const { canvas } = this;
    if (event.shiftKey) {
      const by = [event.movementX, event.movementY];
      canvas.center = this.locked ? canvas.center.map((value, axis) => value + by[axis] * canvas.pixel) : canvas.at(event);
      this.lock(true);
      canvas.lookAt(canvas.center);
      canvas.cursor = canvas.center;
    } else {
      this.lock(false);
      canvas.crosshair = false;
      canvas.cursor = canvas.at(event);
    }
    canvas.drawMarks();
  }

  lock(on) {
    this.locked = on;
    this.canvas.svg.classList.toggle("locked", on);
    if (on) this.canvas.crosshair = true;
  }

  release(event) {
    this.touches.delete(event.pointerId);
    if (this.does === "tool") {
      this.canvas.face.held = false;
      if (event.type === "pointercancel") this.tool.cancel();
      else this.tool.release();
      this.canvas.drawMarks();
    }
    if (this.does !== "pinch" || !this.touches.size) this.does = null;
    this.moved = false;
  }

  leave() {
    if (this.does || this.canvas.crosshair) return;
    this.canvas.cursor = null;
    this.canvas.drawMarks();
  }

  pinch() {
    const [one, other] = [...this.touches.values()];
    return { middle: [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2], apart: Math.max(polygons.distance(one, other), 1) };
  }

  movePinch() {
    if (this.touches.size < 2) return;
    const { canvas } = this, before = this.pinched, now = this.pinch();
    const place = canvas.at({ clientX: before.middle[0], clientY: before.middle[1] });
    canvas.zoom(now.apart / before.apart, place);
    const moved = canvas.at({ clientX: now.middle[0], clientY: now.middle[1] });
    canvas.lookAt(canvas.center.map((value, axis) => value + place[axis] - moved[axis]));
    this.pinched = now;
  }

  // A click where the keys have moved the cursor.
  click() {
    const { canvas } = this;
    canvas.cursor ??= canvas.center;
    canvas.crosshair = true;
    const reach = REACH.mouse * canvas.pixel;
    canvas.tool.press(canvas.cursor, { reach, edits: this.points });
    canvas.tool.release();
    canvas.draw();
  }

  moveCursor(by) {
    const { canvas } = this;
    const from = canvas.cursor ?? canvas.center;
    canvas.cursor = from.map((value, axis) => Math.min(Math.max(value + by[axis], 0), canvas.face.size[axis]));
    canvas.crosshair = true;
    canvas.reveal(canvas.cursor);
    canvas.drawMarks();
  }
}
