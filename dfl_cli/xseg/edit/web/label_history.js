// The states of a face's labels: {polygons, draft}. draft: the polygon being drawn, or null.
class LabelHistory {
  constructor(first) {
    this.steps = [first];
    this.place = 0;
  }

  get now() {
    return this.steps[this.place];
  }

  push(state) {
    this.steps = [...this.steps.slice(Math.max(this.place - 499, 0), this.place + 1), state];
    this.place = this.steps.length - 1;
  }

  // Another form of the last step, which is still being made.
  replace(state) {
    this.steps[this.place] = state;
    this.steps.length = this.place + 1;
  }

  // Forget the last step.
  drop() {
    if (!this.place) return;
    this.place -= 1;
    this.steps.length = this.place + 1;
  }

  undo() {
    this.place = Math.max(this.place - 1, 0);
  }

  redo() {
    this.place = Math.min(this.place + 1, this.steps.length - 1);
  }
}
