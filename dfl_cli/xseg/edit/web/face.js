// The labels of one face in this tab: their history, what the server has, and the way there.
class Face {
  // found: from the server; changed(face): something about it is to be shown
  constructor(found, changed) {
    Object.assign(this, { number: found.number, name: found.name, size: found.size, masked: found.masked, hull: found.hull, changed });
    this.base = { version: found.version, polygons: found.polygons };
    this.history = new LabelHistory({ polygons: found.polygons, draft: null });
    storage.restoreSteps(this);
    this.selected = -1; // number of a polygon
    this.point = -1; // of it, which the arrow keys move
    this.conflict = null; // labels of somebody else, between which and ours the person has to choose
    this.trouble = null; // why they could not be saved
  }

  get polygons() {
    return this.history.now.polygons;
  }

  get draft() {
    return this.history.now.draft;
  }

  get unsaved() {
    return !polygons.same(this.polygons, this.base.polygons);
  }

  get current() {
    return this.polygons[this.selected] ?? null;
  }

  // A step. more: also `draft`, where it changes
  change(wanted, draft = this.draft) {
    this.history.push({ polygons: wanted, draft });
    this.settle();
  }

  // The last step while it is being made, which is not saved before `settle`.
  adjust(wanted, draft = this.draft) {
    this.history.replace({ polygons: wanted, draft });
    this.changed(this);
  }

  undo() {
    this.history.undo();
    this.settle();
  }

  redo() {
    this.history.redo();
    this.settle();
  }

  // Take back the last step as if it had never been.
  cancel() {
    this.history.drop();
    this.settle();
  }

  select(number, point = -1) {
    this.selected = number;
    this.point = point;
    this.changed(this);
  }

  settle() {
    if (this.selected >= this.polygons.length || this.draft) this.selected = -1;
    if (this.point >= (this.current?.points.length ?? 0)) this.point = -1;
    storage.keep(this);
    this.changed(this);
    this.save();
  }

  // Until the server has what is shown here; one after the other, so that it gets them in the order of changes.
  async save() {
    if (this.sending || this.conflict) return;
    this.sending = true;
    this.trouble = null;
    while (this.unsaved && !this.conflict && !this.trouble) await this.send(this.polygons);
    this.sending = false;
    this.changed(this);
  }

  async send(sent) {
    const { status, content } = await edit.send(`/face/${this.number}/labels`, { base: this.base.version, polygons: sent });
    if (status === 200) this.base = { version: content.version, polygons: sent };
    else if (content.conflict) this.meet(content);
    else this.trouble = edit.reachable ? (content.error ?? JSON.stringify(content.detail)) : "lost";
    storage.keep(this);
    this.changed(this);
  }

  // Somebody else has saved `theirs`, made of the version that we began with.
  meet(theirs) {
    const merged = polygons.merged(this.base.polygons, this.polygons, theirs.polygons);
    if (merged) {
      this.take(theirs, merged);
      edit.say(edit.text("merged", { name: this.name }));
    } else this.conflict = theirs;
  }

  // Continue from the version `theirs`, with `wanted` as a step that can be undone.
  take(theirs, wanted) {
    this.conflict = null;
    this.base = { version: theirs.version, polygons: theirs.polygons };
    if (!polygons.same(this.polygons, wanted)) this.history.push({ polygons: wanted, draft: this.draft });
    this.settle();
  }
}
