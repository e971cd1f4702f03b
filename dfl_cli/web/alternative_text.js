// NiceGUI's interactive image takes no alternative text; what it is given as data-alt is handed on.
new MutationObserver(() => {
  for (const image of document.querySelectorAll("[data-alt] > img:not([alt])")) image.alt = image.parentElement.dataset.alt;
}).observe(document, { childList: true, subtree: true });
