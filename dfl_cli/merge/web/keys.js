// The keys of the page are not also the browser's (Firefox searches with / and ').
document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "TEXTAREA"].includes(event.target.tagName);
  if (!typing && !event.ctrlKey && !event.altKey && !event.metaKey && event.key.length === 1) event.preventDefault();
});
// A list that was just used gives the keys back to the page.
document.addEventListener("click", () => setTimeout(() => {
  const focused = document.activeElement;
  if (focused && focused.closest(".q-select") && !document.querySelector(".q-menu")) focused.blur();
}, 250));
