// The keys of the page, before anything else hears them.
window.addEventListener("keydown", (event) => {
  if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) return;
  const field = event.target.closest?.("input, textarea");
  const closedList = field?.getAttribute("role") === "combobox" && field.getAttribute("aria-expanded") !== "true";
  if (field && !closedList) return;
  event.preventDefault(); // Firefox would search with / and '
  if (closedList) { // a list that was used last would look for an entry with this letter
    field.blur();
    event.stopImmediatePropagation();
    document.dispatchEvent(new KeyboardEvent("keydown", event));
  }
}, true);
