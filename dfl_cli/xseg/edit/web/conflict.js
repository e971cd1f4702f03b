// Two versions of a face's labels, between which the person chooses.
class Conflict {
  constructor() {
    this.dialog = edit.element("conflict");
    const choices = { "keep-mine": (mine) => mine, "keep-theirs": (_, theirs) => theirs, "keep-both": polygons.union };
    for (const [id, choose] of Object.entries(choices)) {
      edit.element(id).addEventListener("click", () => {
        const { face } = this, theirs = face.conflict;
        this.dialog.close();
        if (theirs) face.take(theirs, choose(face.polygons, theirs.polygons));
      });
    }
    this.dialog.addEventListener("cancel", (event) => event.preventDefault()); // it has to be one of them
  }

  ask(face) {
    if (this.dialog.open) return;
    this.face = face;
    edit.element("conflict-title").textContent = edit.text("conflict", { name: face.name });
    this.picture("mine", face.polygons);
    this.picture("theirs", face.conflict.polygons);
    this.dialog.showModal();
  }

  picture(id, all) {
    const [width, height] = this.face.size, svg = edit.element(id);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const make = (name, attributes) => {
      const element = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      return element;
    };
    svg.replaceChildren(
      make("image", { href: `/face/${this.face.number}/picture?v=${edit.setup.run}`, width, height }),
      ...all.map((one) => make("path", { class: `line ${one.type ? "include" : "exclude"}`, d: polygons.path(one.points) })),
    );
  }
}
