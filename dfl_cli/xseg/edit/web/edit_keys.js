// The keys of the editor. `press` says whether a key meant something.
class Keys {
  constructor(page) {
    this.page = page;
    this.acts = {
      q: "include", w: "exclude", x: "trash", u: "restore", 4: "labels", 5: "mask", "`": "overlay", "+": "closer", "=": "closer", "-": "farther",
      0: "fit", 1: "color1", 2: "color2", 3: "color3", 6: "prediction", v: "polygon", b: "paint", e: "erase", g: "grab",
      s: "segment", c: "copy", h: "hull", m: "prefill", "[": "smaller", "]": "larger", Enter: "close", Delete: "remove", Backspace: "remove",
    };
  }

  press(event) {
    const { page } = this, key = this.name(event), commands = event.ctrlKey || event.metaKey;
    if (this.isField(event)) return false;
    if (key === "a" || key === "d") {
      page.go((key === "a" ? -1 : 1) * (event.shiftKey ? 5 : 1), commands);
      return true;
    }
    if (key === "z" && commands) {
      page.act(event.shiftKey ? "redo" : "undo");
      return true;
    }
    if (event.target === page.list.element && this.inList(event)) return true;
    if (commands) return false;
    if (key in this.acts) page.act(this.acts[key]);
    else return this.other(key, event);
    return true;
  }

  // A letter as on a keyboard with Latin letters, whatever is being typed with it.
  name(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key.length > 1 && key !== "Process" && key !== "Dead") return key;
    if (key >= " " && key <= "~") return key;
    const found = /^(?:Key|Digit)(.)$/.exec(event.code);
    return found ? found[1].toLowerCase() : event.code === "Backquote" ? "`" : key;
  }

  // Lists and buttons have keys of their own.
  isField(event) {
    const { tagName, type } = event.target;
    if (tagName === "SELECT") return event.key.startsWith("Arrow") || ["Enter", " "].includes(event.key);
    return ["BUTTON", "SUMMARY"].includes(tagName) ? ["Enter", " "].includes(event.key) : tagName === "INPUT" && (type !== "checkbox" || event.key === " ");
  }

  inList(event) {
    const { page } = this, place = page.list.step(event.key);
    if (place !== null) {
      page.list.go(place);
      return true;
    }
    if (event.key !== "Enter" && event.key !== " ") return false;
    page.openPlace(page.list.active).then(() => page.canvas.svg.focus());
    return true;
  }

  other(key, event) {
    const { page } = this, { canvas } = page;
    if (key === "f") this.nextFilter();
    else if (key === "l") page.list.element.focus();
    else if (!page.face) return false;
    else if (key === "Escape") page.escape();
    else if (key === "j") edit.element("automatic").click();
    else if (key === "n") page.tools.polygon.nextPolygon();
    else if (key === "p") page.tools.polygon.nextPoint();
    else if (event.target !== canvas.svg && event.target !== document.body) return false;
    else if (key === " ") page.pointer.click();
    else return this.arrow(key, event.shiftKey);
    return true;
  }

  arrow(key, far) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[key];
    if (!way) return false;
    const { pointer, canvas } = this.page, by = way.map((value) => value * (far ? 10 : 1));
    if (!this.page.tools.polygon.movePoint(by)) pointer.moveCursor(by);
    return true;
  }

  nextFilter() {
    const filter = edit.element("filter");
    filter.selectedIndex = (filter.selectedIndex + 1) % filter.options.length;
    this.page.filter();
  }
}
