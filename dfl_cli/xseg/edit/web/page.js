// The page of the editor: the list of faces, the way from one to the next, the keys, and what is not saved yet.
class EditPage {
  constructor() {
    edit.setup = JSON.parse(edit.element("edit").dataset.setup);
    edit.state = { revision: 0 };
    this.faces = new Faces((face) => this.changed(face));
    this.canvas = new Canvas(this.faces);
    this.assists = new Assists(this.canvas, { busy: (count) => this.busy(count) });
    this.canvas.assists = this.assists;
    this.tools = {
      polygon: new PolygonTool(this.canvas, this.assists), paint: new BrushTool(this.canvas, this.assists, { erase: false }),
      erase: new BrushTool(this.canvas, this.assists, { erase: true }), grab: new GrabCutTool(this.canvas, this.assists),
      segment: new SegmentTool(this.canvas, this.assists),
    };
    this.canvas.tool = this.tools.polygon;
    this.pointer = new Pointer(this.canvas, this.tools.erase);
    brush.radius = edit.setting("radius", brush.radius);
    this.color(edit.setting("color", 1));
    this.conflict = new Conflict();
    this.list = new VirtualList(edit.element("list"), {
      ask: (path) => edit.ask(path), source: "", width: 88, height: 96,
      fill: (entry, row) => this.fill(entry, row), label: (row) => this.label(row),
    });
    this.going = Promise.resolve();
    for (const button of document.querySelectorAll("#edit [aria-keyshortcuts]")) {
      button.title = [button.getAttribute("aria-label"), button.getAttribute("aria-keyshortcuts")].filter(Boolean).join(": ");
    }
    this.listen();
    this.start();
  }

  async start() {
    await this.filter();
    const recovered = await this.faces.recover();
    const stored = Number(sessionStorage.getItem(`dfl-xseg-face:${edit.setup.run}`) ?? NaN);
    const first = Number.isNaN(stored) ? (recovered ?? (await this.list.row(0))?.number ?? null) : stored;
    if (first !== null) await this.open(first);
    setInterval(() => this.refresh(), 1000);
    this.canvas.svg.focus();
  }

  // The list of faces

  get wanted() {
    return `which=${edit.element("filter").value}&order=${encodeURIComponent(edit.element("order").value)}`;
  }

  async filter() {
    this.list.change(`/faces?${this.wanted}`);
    edit.element("list").scrollTop = 0;
    await this.refresh(true);
    if (this.face) await this.go(0);
  }

  fill(entry, row) {
    let picture = entry.querySelector("img");
    if (!picture) {
      picture = document.createElement("img");
      Object.assign(picture, { alt: "", draggable: false, decoding: "async" });
      picture.addEventListener("error", () => entry.classList.add("gone"));
      entry.append(picture);
    }
    if (picture.getAttribute("src") !== row.thumb) picture.src = row.thumb;
    entry.dataset.labeled = row.labeled;
    entry.title = row.name;
  }

  label(row) {
    return [row.name, row.labeled && edit.text("labeled"), row.masked && edit.text("masked")].filter(Boolean).join(", ");
  }

  // What the server says, once a second and after each change.
  async refresh(force = false) {
    if (this.leaving || (this.asking && !force)) return;
    this.asking = true;
    const wasReachable = edit.reachable;
    const { status, content } = await edit.send(`/state?since=${edit.state.revision}`);
    this.asking = false;
    if (status === 200) {
      if (force || content.revision !== edit.state.revision) await this.take(content);
      if (!wasReachable || this.faces.unsaved.some((face) => face.trouble)) this.faces.saveAll();
    }
    this.showSaving();
  }

  async take(state) {
    edit.state = state;
    edit.element("counts").textContent = edit.text("counts", state);
    const found = await edit.ask(`/faces?${this.wanted}&first=0&end=0`);
    edit.element("list").dataset.empty = found?.count ? "" : edit.text("no_faces");
    if (found) this.list.update(found.count, found.revision);
    await this.faces.look(state.changed);
  }

  // One face

  get face() {
    return this.canvas.face;
  }

  // One after the other, so that keys pressed quickly are all heard.
  then(act) {
    this.steps = (this.steps ?? 0) + 1;
    this.going = this.going.then(act).finally(() => { this.steps -= 1; });
    return this.going;
  }

  go(by, labeled = false) {
    return this.then(async () => {
      if (!this.face) return;
      const found = await edit.ask(`/step/${this.face.number}?by=${by}&${this.wanted}&labeled=${labeled}`);
      if (!found) return;
      if (found.number === null) edit.say(edit.text("no_more"));
      else await this.show(found);
    });
  }

  open(number) {
    return this.then(async () => {
      const found = await edit.ask(`/step/${number}?by=0&${this.wanted}`);
      if (found) await this.show(found);
    });
  }

  async show({ number, place, near }) {
    const face = await this.faces.open(number);
    if (!face) return;
    const { face: left } = this;
    if (left !== face && left?.draft?.points.length > 2) edit.say(edit.text("open_polygon", { name: left.name }), "bad");
    this.pointer.lock(false);
    this.canvas.show(face);
    sessionStorage.setItem(`dfl-xseg-face:${edit.setup.run}`, number);
    if (place === null) this.list.active = -1;
    else this.list.go(place);
    this.list.draw();
    this.changed(face);
    this.faces.prefetch(near);
  }

  changed(face) {
    this.showSaving();
    if (face !== this.face) return;
    this.canvas.draw();
    const count = (type) => face.polygons.filter((one) => one.type === type).length;
    const text = edit.text("canvas", { name: face.name, include: count(INCLUDE), exclude: count(EXCLUDE) });
    edit.element("name").textContent = face.name;
    this.canvas.svg.setAttribute("aria-label", `${text} ${this.canvas.tool.hint}`);
    this.showButtons();
    if (face.conflict) this.conflict.ask(face);
  }

  showButtons() {
    const { canvas, face } = this;
    const type = face?.draft?.type ?? canvas.type;
    const pressed = {
      include: type === INCLUDE, exclude: type === EXCLUDE, points: this.pointer.points, labels: canvas.mask === "labels",
      mask: canvas.mask === "mask", overlay: canvas.overlay, prediction: canvas.mask === "prediction",
    };
    for (const name of Object.keys(this.tools)) pressed[name] = canvas.tool === this.tools[name];
    edit.element("automatic").checked = this.assists.automatic;
    edit.element("hint").textContent = this.assists.waiting ? edit.text("working") : (face && canvas.tool.hint) ?? "";
    for (const [name, on] of Object.entries(pressed)) document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", on);
    const disabled = {
      undo: !face?.history.place, redo: !face || face.history.place === face.history.steps.length - 1,
      close: canvas.tool === this.tools.polygon && !(face?.draft?.points.length > 2), remove: !(face?.draft || face?.current), restore: !edit.state.trashed,
    };
    for (const [name, off] of Object.entries(disabled)) document.querySelector(`[data-do=${name}]`).disabled = off;
  }

  showSaving() {
    const { unsaved } = this.faces, place = edit.element("saving");
    const trouble = unsaved.find((face) => face.trouble && face.trouble !== "lost")?.trouble;
    let kind = "saved", text = edit.text("saved");
    if (edit.restarted) [kind, text] = ["bad", edit.text("restarted")];
    else if (!edit.reachable) [kind, text] = ["bad", edit.text("lost", { count: unsaved.length })];
    else if (trouble) [kind, text] = ["bad", edit.text("not_saved", { reason: trouble })];
    else if (unsaved.length) [kind, text] = ["saving", edit.text("saving")];
    place.dataset.kind = kind;
    if (place.textContent !== text) place.textContent = text;
    document.querySelector("[data-do=restore]").disabled = !edit.state.trashed;
  }

  // What the person does

  // What is asked for on the way to another face is meant for that.
  act(name) {
    if (this.steps) this.then(() => this.perform(name));
    else this.perform(name);
  }

  perform(name) {
    const { canvas, face } = this, { tool } = canvas;
    const acts = {
      include: () => tool.setType(INCLUDE), exclude: () => tool.setType(EXCLUDE),
      points: () => { this.pointer.points = !this.pointer.points; }, close: () => tool.finish(),
      remove: () => this.tools.polygon.removeSelected(), copy: () => this.assists.copy(), hull: () => this.assists.hull(),
      prefill: () => this.assists.prefill(), prediction: () => this.showMask("prediction"),
      polygon: () => this.use("polygon"), paint: () => this.use("paint"), erase: () => this.use("erase"), grab: () => this.use("grab"),
      segment: () => (edit.setup.segments ? this.use("segment") : edit.say(edit.text("no_segmenter"), "bad")),
      smaller: () => brush.change(1 / 1.25), larger: () => brush.change(1.25),
      undo: () => face.undo(), redo: () => face.redo(),
      labels: () => this.showMask("labels"), mask: () => this.showMask("mask"),
      overlay: () => { canvas.overlay = !canvas.overlay; },
      color1: () => this.color(1), color2: () => this.color(2), color3: () => this.color(3),
      closer: () => canvas.zoom(1.4), farther: () => canvas.zoom(1 / 1.4), fit: () => canvas.whole(),
      previous: () => this.go(-1), next: () => this.go(1), trash: () => this.trash(), restore: () => this.restore(),
    };
    if (!face && name !== "restore") return;
    acts[name]();
    canvas.draw();
    this.showButtons();
  }

  // Take a tool; once more: polygons again.
  use(name) {
    const { canvas } = this, { tool } = canvas;
    tool.escape();
    canvas.tool = tool === this.tools[name] ? this.tools.polygon : this.tools[name];
    canvas.svg.focus({ preventScroll: true });
    canvas.draw();
    this.showButtons();
  }

  escape() {
    const { canvas } = this;
    if (canvas.tool.escape() || canvas.tool === this.tools.polygon) return;
    this.use("polygon");
  }

  busy(count) {
    edit.element("edit").setAttribute("aria-busy", count > 0);
    this.showButtons();
  }

  color(number) {
    this.canvas.svg.dataset.color = number;
    edit.keepSetting("color", number);
    for (const one of [1, 2, 3]) document.querySelector(`[data-do=color${one}]`).setAttribute("aria-pressed", one === number);
  }

  showMask(name) {
    if (name === "mask" && !this.face.masked) edit.say(edit.text("no_mask"), "bad");
    else this.canvas.mask = this.canvas.mask === name ? null : name;
  }

  async trash() {
    const { face } = this;
    const next = await edit.ask(`/step/${face.number}?by=1&${this.wanted}`);
    const target = next?.number === null ? await edit.ask(`/step/${face.number}?by=-1&${this.wanted}`) : next;
    if (!await edit.ask(`/face/${face.number}/trash`, {})) return;
    edit.say(edit.text("trashed", { name: face.name }));
    await this.refresh(true);
    if (target && target.number !== null) await this.open(target.number);
  }

  async restore() {
    const found = await edit.ask("/restore", {});
    if (!found) return;
    await this.refresh(true);
    if (found.number === null) edit.say(edit.text("trash_empty"));
    else {
      await this.open(found.number);
      edit.say(edit.text("restored", { name: this.face.name }));
    }
  }

  async leave() {
    const count = this.faces.unsaved.length;
    if (count && !this.warned) {
      this.warned = true;
      edit.say(edit.text("unsaved_leave", { count }), "bad");
      return;
    }
    this.leaving = true;
    await edit.send("/finish", {});
    edit.say(edit.text("left"), "end");
  }

  listen() {
    for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => this.act(button.dataset.do));
    const clicks = { help: () => common.help(), leave: () => this.leave(), "help-close": () => edit.element("help-dialog").close() };
    for (const [id, act] of Object.entries(clicks)) edit.element(id).addEventListener("click", act);
    edit.element("automatic").addEventListener("change", (event) => {
      this.assists.setAutomatic(event.target.checked);
      this.canvas.draw();
      this.showButtons();
    });
    for (const id of ["filter", "order"]) edit.element(id).addEventListener("change", () => this.filter());
    edit.element("list").addEventListener("click", (event) => this.openPlace(this.list.placeOf(event.target)));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keyup", (event) => {
      if (event.key !== "Shift" || !this.pointer.locked) return;
      this.pointer.lock(false);
      this.canvas.crosshair = false;
      this.canvas.drawMarks();
    });
    window.addEventListener("beforeunload", (event) => { if (this.faces.unsaved.length && !this.leaving) event.preventDefault(); });
  }

  async openPlace(place) {
    const row = place === null ? null : await this.list.row(place);
    if (row) await this.open(row.number);
  }

  key(event) {
    if (event.altKey || this.leaving || edit.element("conflict").open) return;
    const acted = event.key === "?" ? (common.help(), true) : !edit.element("help-dialog").open && this.keys.press(event);
    if (acted) event.preventDefault();
  }

  get keys() {
    this.heard ??= new Keys(this);
    return this.heard;
  }
}

common.whenBuilt("edit", () => new EditPage());
