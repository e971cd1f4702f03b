// The page of the review: two views, the keys, and what the server says about both.
class ReviewPage {
  constructor() {
    this.faces = new Faces((number, file) => this.openFrame(number, file), () => this.refresh());
    this.map = new HeatMap((cells) => this.does("/filter", { cells }));
    this.editor = new Editor({ next: (step) => this.goFrame(this.frames.active + step), changed: () => this.refresh() });
    this.frames = new VirtualList(review.element("list"), {
      ask: review.ask, source: "/frames", width: 0, height: 30,
      fill: (entry, row) => { entry.textContent = this.frameText(row); entry.dataset.state = row.repaired ? "repaired" : row.state; },
      label: (row) => this.frameText(row),
    });
    for (const button of document.querySelectorAll("#review [aria-keyshortcuts]")) button.title = button.getAttribute("aria-keyshortcuts");
    review.element("map-box").open = innerWidth > 800; // else there is little room
    this.listen();
    this.refresh();
    setInterval(() => this.refresh(), 1000);
    review.element("grid").focus();
  }

  frameText(row) {
    const state = row.state === "certain" ? review.text("certain", { count: row.faces }) : review.text(row.state);
    return `${row.name}  ${row.repaired ? `${review.text("repaired")}, ` : ""}${state}`;
  }

  listen() {
    const clicks = {
      "view-faces": () => this.view("faces"), "view-frames": () => this.view("frames"), help: () => common.help(), leave: () => this.leave(),
      all: () => this.does("/filter", { cells: [] }), trash: () => this.faces.trash(), "select-all": () => this.faces.selectAll(),
      lasso: () => this.lasso(), "restore-last": () => this.faces.restore(false), "restore-all": () => this.faces.restore(true),
      "open-frame": () => this.faces.open(), "help-close": () => review.element("help-dialog").close(),
    };
    for (const [id, act] of Object.entries(clicks)) review.element(id).addEventListener("click", act);
    review.element("order").addEventListener("change", () => this.sort());
    review.element("reverse").addEventListener("change", () => this.sort());
    review.element("list").addEventListener("click", (event) => {
      const place = this.frames.placeOf(event.target);
      if (place !== null) this.goFrame(place);
    });
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("beforeunload", (event) => { if (this.editor.unsaved && !this.leaving) event.preventDefault(); });
  }

  // What the server says

  async does(path, body) {
    await review.does(path, body);
    await this.refresh();
  }

  async sort() {
    review.element("grid").scrollTop = 0;
    this.sorting = (this.sorting ?? 0) + 1; // until the server knows, it says what was before
    await review.does("/sort", { order: review.element("order").value, reverse: review.element("reverse").checked });
    this.sorting -= 1;
    await this.refresh();
  }

  async refresh() {
    if (this.leaving) return;
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    const state = await review.ask("/state");
    this.asking = false;
    if (state) this.show(state);
    if (this.again) {
      this.again = false;
      this.refresh();
    }
  }

  show(state) {
    const measuring = review.element("measuring");
    measuring.textContent = state.measured ? review.text("measuring", state.measured) : "";
    if (state.revision === review.state.revision) return;
    review.state = state;
    const { states } = state;
    review.element("counts").textContent = this.inFrames
      ? review.text("frame_counts", { frames: state.frames, none: states.no_face ?? 0, uncertain: states.uncertain ?? 0, repaired: states.repaired ?? 0 })
      : review.text("counts", state);
    if (!this.sorting) {
      review.element("order").value = state.order;
      review.element("reverse").checked = state.reverse;
    }
    review.element("all").disabled = !state.cells.length;
    review.element("trash").disabled = !state.selected;
    for (const id of ["restore-last", "restore-all"]) review.element(id).disabled = !state.trashed;
    review.element("grid").dataset.empty = state.shown ? "" : review.text("no_faces");
    this.map.update(state);
    this.faces.list.update(state.shown, state.revision);
    this.faces.details();
    this.frames.update(state.frames, state.revision);
  }

  // Views and frames

  view(name) {
    this.inFrames = name === "frames";
    for (const one of ["faces", "frames"]) {
      review.element(one).hidden = one !== name;
      review.element(`view-${one}`).setAttribute("aria-pressed", one === name);
    }
    review.state.revision = -1;
    this.refresh();
    this.faces.list.draw();
    this.frames.draw();
    review.element(this.inFrames ? "list" : "grid").focus();
    if (this.inFrames && !this.editor.frame && !this.opening) this.goFrame(this.frames.active);
  }

  async openFrame(number, file) {
    this.inFrames = true;
    this.opening = true;
    this.view("frames");
    this.opening = false;
    await this.editor.open(number, file);
    if (this.editor.frame) this.frames.go(this.editor.frame.place);
    review.element("canvas").focus();
  }

  async goFrame(place) {
    if (place < 0 || place >= this.frames.count) return;
    this.frames.go(place);
    const row = await this.frames.row(place);
    if (row && this.frames.active === place) this.editor.open(row.number);
  }

  lasso() {
    this.faces.touchLasso = !this.faces.touchLasso;
    review.element("lasso").setAttribute("aria-pressed", this.faces.touchLasso);
    review.element("grid").classList.toggle("drawing", this.faces.touchLasso);
  }

  async leave() {
    if (this.editor.unsaved && !this.warned) {
      this.warned = true;
      review.say(review.text("unsaved_leave", { count: this.editor.unsaved }), "bad");
      return;
    }
    this.leaving = true;
    await review.ask("/finish", {});
    review.say(review.text("left"), "end");
  }

  // Keys

  key(event) {
    const { target } = event;
    if (event.altKey || event.metaKey || this.leaving) return;
    if (event.key === "?") common.help();
    else if (review.element("help-dialog").open) return;
    else if ((event.ctrlKey && !["a", "z", " "].includes(event.key) && !event.key.startsWith("Arrow")) || this.isField(event)) return;
    else if (event.key === "v") this.view(this.inFrames ? "faces" : "frames");
    else if (!(this.inFrames ? this.frameKey(event) : this.faceKey(event, target))) return;
    event.preventDefault();
  }

  // Lists and buttons have keys of their own.
  isField(event) {
    const name = event.target.tagName;
    if (name === "SELECT") return event.key.startsWith("Arrow") || ["Enter", " "].includes(event.key);
    return ["BUTTON", "SUMMARY", "INPUT"].includes(name) && ["Enter", " "].includes(event.key);
  }

  faceKey(event, target) {
    const inMap = review.element("map").contains(target);
    const acts = {
      m: () => { review.element("map-box").open = true; this.map.focus(); }, g: () => review.element("grid").focus(),
      a: () => this.faces.selectAll(), Escape: () => this.faces.selectNone(), x: () => this.faces.trash(), Delete: () => this.faces.trash(),
      z: () => this.faces.restore(false), Z: () => this.faces.restore(true), c: () => this.does("/filter", { cells: [] }),
      s: () => this.nextOrder(), S: () => { review.element("reverse").click(); }, l: () => this.lasso(),
    };
    if (event.key in acts) acts[event.key]();
    else if (inMap) return this.map.key(event);
    else return this.faces.key(event);
    return true;
  }

  frameKey(event) {
    if (this.editor.key(event)) return true;
    if (event.target === review.element("canvas")) {
      if (event.key !== "Escape") return false;
      review.element("list").focus();
      return true;
    }
    const place = this.frames.step(event.key);
    if (place !== null) this.goFrame(place);
    else if (event.key === "Enter") review.element("canvas").focus();
    else if (event.key === "g") review.element("list").focus();
    else return false;
    return true;
  }

  nextOrder() {
    const order = review.element("order");
    order.selectedIndex = (order.selectedIndex + 1) % order.options.length;
    this.sort();
  }
}

common.whenBuilt("review", () => new ReviewPage());
