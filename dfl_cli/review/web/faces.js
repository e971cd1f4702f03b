// The faces: a grid in which they are selected by click, range and lasso.
class Faces {
  constructor(openFrame, refresh) {
    this.openFrame = openFrame;
    this.refresh = refresh;
    this.touchLasso = false;
    this.list = new VirtualList(review.element("grid"), {
      ask: review.ask, source: "/faces", width: 104, height: 122,
      fill: (entry, row, place) => this.fill(entry, row, place),
      label: (row) => `${row.name}, ${this.value(row)}`,
    });
    this.listen(this.list.element);
  }

  value(row) {
    const order = review.state.order === "time" ? "sharpness" : review.state.order;
    const value = row[order];
    return value === null || value === undefined ? "–" : String(value);
  }

  fill(entry, row, place) {
    let picture = entry.querySelector("img");
    if (!picture) {
      picture = document.createElement("img");
      picture.alt = "";
      picture.draggable = false;
      picture.decoding = "async";
      picture.addEventListener("error", () => entry.classList.add("gone"));
      picture.addEventListener("load", () => entry.classList.remove("gone"));
      entry.append(picture, document.createElement("span"));
    }
    if (picture.getAttribute("src") !== row.thumb) picture.src = row.thumb;
    entry.lastChild.textContent = this.value(row);
    entry.title = row.name;
    if (place === this.list.active) this.details();
  }

  go(place) {
    this.list.go(place);
    this.details();
  }

  details() {
    const row = this.list.rows.get(this.list.active);
    const parts = ["sharpness", "size", "confidence", "distance", "jitter", "yaw", "pitch"].map(
      (key) => `${review.text(`of_${key}`)} ${row?.[key] ?? "–"}`,
    );
    review.element("details").textContent = row ? [row.name, ...parts].join("\n") : "";
  }

  // Show at once what the server will say.
  mark(test) {
    for (const [place, row] of this.list.rows) row.selected = test(place, row);
    this.list.draw();
  }

  async select(place, { toggle = false, through = false } = {}) {
    this.go(place);
    if (!through) this.mark((at, row) => (at === place ? !(toggle && row.selected) : toggle && row.selected));
    await review.does("/select", { place, toggle, through });
    this.refresh();
  }

  async selectRanges(ranges, toggle) {
    this.mark((at, row) => ranges.some(([first, end]) => at >= first && at < end) || (toggle && row.selected));
    await review.does("/select", { ranges, toggle });
    this.refresh();
  }

  selectAll() {
    return this.selectRanges([[0, 1e9]], false); // all that the server shows by then
  }

  async selectNone() {
    this.mark(() => false);
    await review.does("/select", {});
    this.refresh();
  }

  async trash() {
    const done = await review.does("/trash", {});
    if (done) review.say(review.text("trashed", { count: done.count }));
    this.refresh();
  }

  async restore(everything) {
    const done = await review.does("/restore", { everything });
    if (done) review.say(review.text("restored", { count: done.count }));
    this.refresh();
  }

  async open() {
    const row = await this.list.row(this.list.active);
    if (!row) return;
    if (row.frame === null) review.say(review.text("no_frame"), "bad");
    else this.openFrame(row.frame, row.number);
  }

  key(event) {
    const place = this.list.step(event.key);
    if (place !== null) {
      if (event.shiftKey) this.select(place, { through: true, toggle: event.ctrlKey });
      else this.go(place);
      return true;
    }
    if (event.key === " ") this.select(this.list.active, { toggle: true });
    else if (event.key === "Enter") this.open();
    else return false;
    return true;
  }

  // Mouse, pen and finger

  listen(element) {
    element.addEventListener("pointerdown", (event) => this.press(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    element.addEventListener("pointerup", (event) => this.release(event));
    element.addEventListener("pointercancel", () => this.drop());
    element.addEventListener("dblclick", () => this.open());
  }

  at(event) {
    const { element } = this.list;
    const frame = element.getBoundingClientRect();
    return [event.clientX - frame.left + element.scrollLeft, event.clientY - frame.top + element.scrollTop];
  }

  press(event) {
    if (event.button !== 0 || event.clientX - this.list.element.getBoundingClientRect().left > this.list.element.clientWidth) return;
    this.pressed = { points: [this.at(event)], place: this.list.placeOf(event.target), lasso: false };
    this.pressed.can = event.pointerType !== "touch" || this.touchLasso;
    if (this.pressed.can) this.list.element.setPointerCapture(event.pointerId);
  }

  move(event) {
    const { pressed } = this;
    if (!pressed?.can) return;
    const point = this.at(event);
    const [x, y] = pressed.points[0];
    if (!pressed.lasso && Math.hypot(point[0] - x, point[1] - y) < 6) return;
    pressed.lasso = true;
    pressed.points.push(point);
    this.drawLasso(pressed.points);
    const frame = this.list.element.getBoundingClientRect();
    if (event.clientY > frame.bottom - 24) this.list.element.scrollTop += 20;
    if (event.clientY < frame.top + 24) this.list.element.scrollTop -= 20;
  }

  release(event) {
    const { pressed } = this;
    this.drop();
    if (!pressed) return;
    const toggle = event.ctrlKey || event.metaKey;
    if (pressed.lasso) this.selectRanges(caught(pressed.points, this.list), toggle || event.shiftKey);
    else if (pressed.place !== null) {
      this.select(pressed.place, { toggle: toggle || (event.pointerType === "touch"), through: event.shiftKey });
    }
  }

  drop() {
    this.pressed = null;
    this.line?.remove();
    this.line = null;
  }

  drawLasso(points) {
    const space = "http://www.w3.org/2000/svg";
    if (!this.line) {
      this.line = document.createElementNS(space, "svg");
      this.line.classList.add("lasso");
      this.line.append(document.createElementNS(space, "polygon"));
      this.list.sheet.append(this.line);
    }
    const top = Math.min(...points.map((point) => point[1])) - 10;
    this.line.style.transform = `translateY(${top}px)`;
    this.line.style.height = `${Math.max(...points.map((point) => point[1])) - top + 10}px`;
    this.line.firstChild.setAttribute("points", points.map(([x, y]) => `${x},${y - top}`).join(" "));
  }
}

// Ranges [first, end) of the entries whose middles are inside the polygon.
function caught(points, { columns, width, height, count }) {
  const heights = points.map((point) => point[1]);
  const first = Math.max(Math.floor(Math.min(...heights) / height), 0);
  const last = Math.min(Math.floor(Math.max(...heights) / height), Math.ceil(count / columns) - 1);
  const ranges = [];
  for (let line = first; line <= last; line++) {
    for (let column = 0; column < columns; column++) {
      const place = line * columns + column;
      if (place >= count || !inside((column + 0.5) * width, (line + 0.5) * height, points)) continue;
      if (ranges.length && ranges.at(-1)[1] === place) ranges.at(-1)[1] = place + 1;
      else ranges.push([place, place + 1]);
    }
  }
  return ranges;
}

// Whether a ray to the right crosses the outline an odd number of times.
function inside(x, y, points) {
  let odd = false;
  for (let now = 0, before = points.length - 1; now < points.length; before = now++) {
    const [ax, ay] = points[now], [bx, by] = points[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}
