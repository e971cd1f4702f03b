// The keys of the page, before anything else hears them.
window.addEventListener("keydown", (event) => {
  if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) return;
  const field = event.target.closest?.("input, textarea");
  const closedList = field?.getAttribute("role") === "combobox" && field.getAttribute("aria-expanded") !== "true";
  const ofNumbers = field?.step === "1" ? /[0-9-]/ : /[0-9.-]/;
  const letterInNumber = field?.type === "number" && !ofNumbers.test(event.key);
  if (field && !closedList && !letterInNumber) return;
  event.preventDefault(); // Firefox would search with / and '
  if (field) { // used last: a list would look for an entry with this letter, a number would not take it
    field.blur();
    event.stopImmediatePropagation();
    document.dispatchEvent(new KeyboardEvent("keydown", event));
  }
}, true);
