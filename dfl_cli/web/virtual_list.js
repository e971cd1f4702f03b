// A list of which only those entries are in the page that can be seen, and two screens more. The server has the rest.
class VirtualList {
  // element  scrolls
  // options  ask(path): the answer of the server as an object, or null; source: path of the rows; width (0: one in a line),
  //          height: pixels of an entry; fill(entry, row, place); label(row): for people who do not see it
  constructor(element, options) {
    Object.assign(this, { element, ...options });
    this.count = 0;
    this.active = 0; // place where the keys are
    this.rows = new Map(); // place -> row
    this.entries = new Map(); // place -> element
    this.loading = new Set(); // pages on their way
    this.revision = -1;
    this.fresh = new Set(); // pages of this revision
    this.sheet = document.createElement("div");
    this.sheet.className = "sheet";
    this.sheet.setAttribute("role", "presentation");
    element.append(this.sheet);
    element.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(element);
  }

  get columns() {
    return this.width ? Math.max(Math.floor(this.element.clientWidth / this.width), 1) : 1;
  }

  get lines() {
    return Math.max(Math.floor(this.element.clientHeight / this.height), 1);
  }

  // There are `count` entries now; what was known of them may be old.
  update(count, revision) {
    if (count === this.count && revision === this.revision) return;
    this.count = count;
    this.revision = revision;
    this.fresh.clear();
    this.active = Math.min(this.active, Math.max(count - 1, 0));
    for (const place of [...this.rows.keys()]) if (place >= count) this.rows.delete(place);
    this.draw();
  }

  // Other rows from now on.
  change(source) {
    this.source = source;
    this.rows.clear();
    this.entries.clear();
    this.sheet.replaceChildren();
    this.revision = -1;
  }

  draw() {
    const { columns, height, element } = this;
    this.sheet.style.height = `${Math.ceil(this.count / columns) * height}px`;
    const screen = element.clientHeight;
    const first = Math.max(Math.floor((element.scrollTop - screen) / height), 0) * columns;
    const end = Math.min(Math.ceil((element.scrollTop + 2 * screen) / height) * columns, this.count);
    for (const [place, entry] of this.entries) {
      if (place >= first && place < end) continue;
      entry.remove();
      this.entries.delete(place);
    }
    if (!screen) return; // hidden
    for (let place = first; place < end; place++) this.place(place, columns);
    this.load(first, end);
    const active = this.entries.get(this.active);
    if (active) element.setAttribute("aria-activedescendant", active.id);
    else element.removeAttribute("aria-activedescendant");
  }

  place(place, columns) {
    let entry = this.entries.get(place);
    if (!entry) {
      entry = document.createElement("div");
      entry.className = "entry";
      entry.id = `${this.element.id}-${place}`;
      entry.dataset.place = place;
      entry.setAttribute("role", "option");
      this.entries.set(place, entry);
      this.sheet.append(entry);
    }
    entry.style.transform = `translate(${(place % columns) * this.width}px, ${Math.floor(place / columns) * this.height}px)`;
    entry.setAttribute("aria-setsize", this.count);
    entry.setAttribute("aria-posinset", place + 1);
    entry.classList.toggle("active", place === this.active);
    const row = this.rows.get(place);
    entry.setAttribute("aria-selected", Boolean(row?.selected));
    entry.setAttribute("aria-label", row ? this.label(row) : "…");
    if (row && entry.row !== row) {
      entry.row = row;
      this.fill(entry, row, place);
    }
  }

  async load(first, end) {
    const size = 100;
    for (let page = Math.floor(first / size); page * size < end; page++) {
      if (this.fresh.has(page) || this.loading.has(page)) continue;
      this.loading.add(page);
      const { source } = this;
      const found = await this.found(page * size, (page + 1) * size);
      this.loading.delete(page);
      if (source !== this.source) this.draw();
      if (!found || source !== this.source) return;
      found.rows.forEach((row, number) => this.rows.set(found.first + number, row));
      if (found.revision >= this.revision) this.fresh.add(page);
      this.forget();
      this.draw();
    }
  }

  found(first, end) {
    return this.ask(`${this.source}${this.source.includes("?") ? "&" : "?"}first=${first}&end=${end}`);
  }

  // The row at a place, loaded or not; undefined where there is none.
  async row(place) {
    return this.rows.get(place) ?? (await this.found(place, place + 1))?.rows[0];
  }

  // Rows that are far from what is seen go.
  forget() {
    if (this.rows.size < 5000) return;
    const kept = new Set(this.entries.keys());
    for (const place of this.rows.keys()) if (!kept.has(place)) this.rows.delete(place);
    this.fresh.clear();
  }

  // Go to an entry and see it.
  go(place) {
    this.active = Math.min(Math.max(place, 0), Math.max(this.count - 1, 0));
    const top = Math.floor(this.active / this.columns) * this.height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.element.scrollTop = top + this.height - clientHeight;
    this.draw();
  }

  // Where an arrow or the like leads to; null for other keys.
  step(key) {
    const { columns } = this;
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -this.lines * columns,
      PageDown: this.lines * columns, Home: -this.active, End: this.count,
    };
    if (!(key in steps)) return null;
    return Math.min(Math.max(this.active + steps[key], 0), this.count - 1);
  }

  placeOf(target) {
    const entry = target.closest?.(".entry");
    return entry && this.element.contains(entry) ? Number(entry.dataset.place) : null;
  }
}
