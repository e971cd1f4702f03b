// Where the faces look: cells that filter the faces. Up is up: the lowest row of the map is the last in the page.
class HeatMap {
  constructor(choose) {
    this.choose = choose;
    this.element = review.element("map");
    this.cells = []; // [row][column]
    this.at = [9, 9];
  }

  update({ map, cells }) {
    if (!this.cells.length) this.build(map.length);
    this.counts = map;
    this.chosen = new Set(cells.map(String));
    const most = Math.log1p(Math.max(...map.flat(), 1));
    map.forEach((line, row) => line.forEach((count, column) => {
      const cell = this.cells[row][column];
      cell.style.setProperty("--share", count ? 0.15 + (0.85 * Math.log1p(count)) / most : 0);
      cell.setAttribute("aria-selected", this.chosen.has(String([row, column])));
      cell.setAttribute("aria-label", this.label(row, column));
    }));
  }

  label(row, column) {
    const degrees = (number) => `${number * 10 - 90} … ${number * 10 - 80}`;
    return review.text("cell", { yaw: degrees(column), pitch: degrees(row), count: this.counts[row][column] });
  }

  build(side) {
    this.element.style.setProperty("--side", side);
    for (let row = side - 1; row >= 0; row--) {
      const line = document.createElement("div");
      line.setAttribute("role", "row");
      this.cells[row] = [];
      for (let column = 0; column < side; column++) {
        const cell = document.createElement("div");
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = row === this.at[0] && column === this.at[1] ? 0 : -1;
        cell.addEventListener("pointerenter", () => this.tell(row, column));
        cell.addEventListener("focus", () => this.tell(row, column));
        cell.addEventListener("pointerdown", (event) => this.press(event, row, column));
        this.cells[row][column] = cell;
        line.append(cell);
      }
      this.element.append(line);
    }
    window.addEventListener("pointerup", () => this.release());
    this.element.addEventListener("pointermove", (event) => this.drag(event));
  }

  tell(row, column) {
    review.element("map-text").textContent = this.label(row, column);
  }

  // A click chooses one cell, or with Ctrl one more; a drag chooses all between.
  press(event, row, column) {
    event.preventDefault();
    this.focus(row, column);
    this.dragged = { from: [row, column], to: [row, column], keep: event.ctrlKey || event.metaKey ? this.chosen : new Set() };
  }

  drag(event) {
    if (!this.dragged) return;
    const target = document.elementFromPoint(event.clientX, event.clientY);
    this.cells.forEach((line, row) => line.forEach((cell, column) => {
      if (cell === target) this.dragged.to = [row, column];
    }));
    this.cells.forEach((line, row) => line.forEach((cell, column) => cell.classList.toggle("dragged", this.isDragged(row, column))));
  }

  isDragged(row, column) {
    const { from, to } = this.dragged;
    const between = (value, one, other) => value >= Math.min(one, other) && value <= Math.max(one, other);
    return between(row, from[0], to[0]) && between(column, from[1], to[1]);
  }

  release() {
    if (!this.dragged) return;
    const { from, to, keep } = this.dragged;
    const wanted = new Set(keep);
    const single = String(from) === String(to);
    const only = single && this.chosen.size === 1 && this.chosen.has(String(from));
    this.cells.forEach((line, row) => line.forEach((cell, column) => {
      cell.classList.remove("dragged");
      if (this.isDragged(row, column)) wanted.add(String([row, column]));
    }));
    if (only || (single && keep.has(String(from)))) wanted.delete(String(from));
    this.dragged = null;
    this.send(wanted);
  }

  send(wanted) {
    this.choose([...wanted].map((cell) => cell.split(",").map(Number)));
  }

  focus(row = this.at[0], column = this.at[1]) {
    this.cells[this.at[0]][this.at[1]].tabIndex = -1;
    this.at = [row, column];
    this.cells[row][column].tabIndex = 0;
    this.cells[row][column].focus();
  }

  key(event) {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };
    const [row, column] = this.at;
    if (event.key in steps) {
      const [up, right] = steps[event.key], last = this.cells.length - 1;
      this.focus(Math.min(Math.max(row + up, 0), last), Math.min(Math.max(column + right, 0), last));
    } else if (event.key === " " || event.key === "Enter") {
      const wanted = new Set(this.chosen);
      if (!wanted.delete(String(this.at))) wanted.add(String(this.at));
      this.send(wanted);
    } else return false;
    return true;
  }
}
