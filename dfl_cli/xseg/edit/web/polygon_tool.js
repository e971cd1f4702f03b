// Polygons are drawn point by point, chosen by their lines, and changed by their points.
class PolygonTool {
  // canvas: whose face is changed
  constructor(canvas, assists) {
    Object.assign(this, { canvas, assists });
    this.dragged = null; // {polygon, place}: the point that follows the pointer; polygon null: of the draft
  }

  get face() {
    return this.canvas.face;
  }

  // reach: how near counts as on it, in pixels of the picture; edits: Ctrl, or the button for points
  press(place, { reach, edits }) {
    const { draft, current } = this.face;
    this.dragged = null;
    this.steps = this.face.history.place;
    if (draft) this.addPoint(place, reach);
    else if (current && this.pressPoint(place, reach, edits)) return;
    else this.pressElsewhere(place, reach, edits);
  }

  addPoint(place, reach) {
    const { draft } = this.face;
    if (draft.points.length > 2 && polygons.distance(draft.points[0], place) < reach) {
      this.finish();
      return;
    }
    const points = [...draft.points, polygons.point(place)];
    this.dragged = { polygon: null, place: points.length - 1 };
    this.face.change(this.face.polygons, { ...draft, points });
  }

  // A press with a polygon selected; whether it was on that.
  pressPoint(place, reach, edits) {
    const { face } = this, { points } = face.current;
    const near = polygons.nearestPoint(points, place);
    if (near.distance < reach) {
      if (edits) this.deletePoint(near.place);
      else this.take(near.place);
      return true;
    }
    const edge = polygons.nearestEdge(points, place);
    if (!edits || edge.distance >= reach) return false;
    face.change(polygons.replaced(face.polygons, face.selected, polygons.withNewPoint(face.current, edge.place, polygons.point(place))));
    this.take(edge.place, true);
    return true;
  }

  take(place, began = false) {
    this.dragged = { polygon: this.face.selected, place, began };
    this.face.select(this.face.selected, place);
  }

  deletePoint(place) {
    const { face } = this;
    const left = polygons.withoutPoint(face.current, place);
    const goes = left.points.length < 3;
    face.change(polygons.replaced(face.polygons, face.selected, goes ? null : left));
    face.select(goes ? -1 : face.selected);
  }

  pressElsewhere(place, reach, edits) {
    const { face, canvas } = this;
    const hit = polygons.atLine(face.polygons, place, reach);
    if (hit >= 0 || face.current) face.select(hit);
    else if (!edits) {
      this.dragged = { polygon: null, place: 0 };
      face.change(face.polygons, { type: canvas.type, points: [polygons.point(place)] });
    }
  }

  drag(place) {
    const { dragged, face } = this;
    if (!dragged) return;
    const point = polygons.point(place);
    if (dragged.polygon === null) {
      face.adjust(face.polygons, polygons.withPoint(face.draft, dragged.place, point));
      return;
    }
    const changed = polygons.replaced(face.polygons, dragged.polygon, polygons.withPoint(face.current, dragged.place, point));
    if (!dragged.began) face.history.push(face.history.now);
    dragged.began = true;
    face.adjust(changed);
  }

  release() {
    if (!this.dragged) return;
    this.dragged = null;
    this.face.settle();
  }

  // The press was the first of two fingers.
  cancel() {
    this.dragged = null;
    if (this.face && this.face.history.place > this.steps) this.face.cancel();
  }

  // Close the polygon that is drawn.
  finish() {
    const { face } = this, { draft } = face;
    if (draft?.points.length > 2) face.change(this.assists.complete(face, [...face.polygons, draft]), null);
  }

  get hint() {
    const { face } = this;
    if (face.draft) return edit.text("drawing", { count: face.draft.points.length });
    return face.current ? edit.text("editing", { number: face.selected + 1, count: face.polygons.length }) : "";
  }

  // Stop drawing, or select nothing; whether there was something to stop.
  escape() {
    const { face } = this;
    if (face.draft) face.change(face.polygons, null);
    else if (face.current) face.select(-1);
    else return false;
    return true;
  }

  removeSelected() {
    const { face } = this;
    if (face.draft) face.change(face.polygons, null);
    else if (face.current) {
      const left = polygons.replaced(face.polygons, face.selected, null);
      face.selected = -1;
      face.change(left);
    }
  }

  setType(type) {
    const { face } = this;
    this.canvas.type = type;
    if (face?.draft && face.draft.type !== type) face.change(face.polygons, { ...face.draft, type });
  }

  // Move the chosen point by keys; false where there is none.
  movePoint([right, down]) {
    const { face } = this;
    if (!face.current || face.point < 0) return false;
    const [x, y] = face.current.points[face.point];
    const point = polygons.point([x + right, y + down]);
    face.change(polygons.replaced(face.polygons, face.selected, polygons.withPoint(face.current, face.point, point)));
    this.canvas.reveal(point);
    return true;
  }

  nextPolygon() {
    const { face } = this;
    if (face.polygons.length && !face.draft) face.select((face.selected + 1) % face.polygons.length);
  }

  nextPoint() {
    const { face } = this;
    if (!face.current) return;
    face.select(face.selected, (face.point + 1) % face.current.points.length);
    this.canvas.reveal(face.current.points[face.point]);
  }
}
