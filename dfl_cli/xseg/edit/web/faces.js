const same = (draft, other) => JSON.stringify(draft) === JSON.stringify(other);

// All faces that this tab has touched, and whether the server has what is shown.
class Faces {
  constructor(changed) {
    this.onChange = changed;
    this.known = new Map(); // number -> Face, those used last at the end
    this.ahead = new Map(); // number -> promise of its details, before it is wanted
  }

  // A face as it is now; null where it cannot be had.
  async open(number) {
    const known = this.known.get(number);
    if (known) return this.touch(known);
    const found = await (this.ahead.get(number) ?? edit.ask(`/face/${number}`));
    this.ahead.delete(number);
    return found && this.touch(this.known.get(number) ?? new Face(found, (face) => this.onChange(face)));
  }

  touch(face) {
    this.known.delete(face.number);
    this.known.set(face.number, face);
    for (const old of this.known.values()) {
      if (this.known.size <= 200) break;
      if (!old.unsaved && !old.draft && old !== face) this.known.delete(old.number);
    }
    return face;
  }

  // Load what may be wanted next.
  prefetch(numbers) {
    for (const number of this.ahead.keys()) if (!numbers.includes(number)) this.ahead.delete(number);
    for (const number of numbers) {
      if (this.known.has(number) || this.ahead.has(number)) continue;
      this.ahead.set(number, edit.send(`/face/${number}`).then(({ status, content }) => (status === 200 ? content : null)));
      new Image().src = this.picture(number);
    }
  }

  picture(number) {
    return `/face/${number}/picture?v=${edit.setup.run}`;
  }

  get unsaved() {
    return [...this.known.values()].filter((face) => face.unsaved);
  }

  // Try again what did not work.
  saveAll() {
    for (const face of this.unsaved) face.save();
  }

  // Somebody has changed these faces: another tab, or this one.
  async look(numbers) {
    for (const number of numbers) {
      this.ahead.delete(number);
      const face = this.known.get(number);
      if (!face || face.unsaved || face.sending || face.held) continue; // saving will tell
      const { status, content } = await edit.send(`/face/${number}`);
      if (status !== 200) continue;
      face.masked = content.masked;
      if (face.unsaved || face.sending || face.held || content.version === face.base.version) continue;
      face.take(content, content.polygons);
      edit.say(edit.text("changed", { name: face.name }));
    }
  }

  // Labels that an earlier page could not save: they become steps after what they were made of, and are saved.
  async recover() {
    const kept = storage.kept();
    if (!kept.length) return null;
    const found = await edit.ask("/find", { names: kept.map((one) => one.name) });
    let count = 0, last = null;
    for (const [place, one] of kept.entries()) {
      const number = found?.numbers[place];
      const face = typeof number === "number" ? await this.open(number) : null;
      if (!face) continue;
      if (!polygons.same(one.base.polygons, one.polygons)) {
        face.base = one.base;
        face.history = new LabelHistory({ polygons: one.base.polygons, draft: null });
        count += 1;
      }
      const wanted = polygons.same(one.base.polygons, one.polygons) ? face.polygons : one.polygons;
      if (!polygons.same(wanted, face.polygons) || !same(one.draft, face.draft)) face.history.push({ polygons: wanted, draft: one.draft });
      storage.forget(one.key);
      face.settle();
      last = number;
    }
    if (count) edit.say(edit.text("recovered", { count }));
    return last;
  }
}
