// What the server does not have yet is kept in the browser until it does: unsaved labels, and the polygon being drawn.
const storage = {
  get prefix() {
    return `dfl-xseg:${edit.setup.folder}:`;
  },

  // Of this tab, also after a reload.
  get tab() {
    storage.own ??= sessionStorage.getItem("dfl-xseg-tab") ?? Math.random().toString(36).slice(2);
    sessionStorage.setItem("dfl-xseg-tab", storage.own);
    return storage.own;
  },

  keep(face) {
    const key = `${storage.prefix}${storage.tab}:${face.name}`;
    storage.keepSteps(face);
    const { polygons: wanted, draft } = face.history.now;
    try {
      if (!face.unsaved && !draft) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ name: face.name, base: face.base, polygons: wanted, draft }));
    } catch {
      // no room, or not allowed: the page goes on without
    }
  },

  // The steps of a face last as long as the tab does, also over a reload.
  keepSteps(face) {
    const { steps, place } = face.history, first = Math.max(place - 60, 0);
    const kept = JSON.stringify({ steps: steps.slice(first, place + 20), place: place - first });
    try {
      sessionStorage.setItem(storage.stepsKey(face), kept);
    } catch { // no room: those of other faces go
      for (const key of Object.keys(sessionStorage)) if (key.startsWith("dfl-xseg-steps:")) sessionStorage.removeItem(key);
    }
  },

  stepsKey: (face) => `dfl-xseg-steps:${edit.setup.folder}:${face.name}`,

  // Into the history of a face that was just opened, if they lead to the labels it has.
  restoreSteps(face) {
    try {
      const kept = JSON.parse(sessionStorage.getItem(storage.stepsKey(face)));
      if (kept && polygons.same(kept.steps[kept.place].polygons, face.polygons)) Object.assign(face.history, kept);
    } catch {
      // none, or damaged
    }
  },

  // [{key, name, base, polygons, draft}] of earlier pages; what another tab is drawing is its own.
  kept() {
    const found = [];
    for (let place = 0; place < localStorage.length; place++) {
      const key = localStorage.key(place);
      if (!key.startsWith(storage.prefix)) continue;
      const own = key.startsWith(`${storage.prefix}${storage.tab}:`);
      try {
        const kept = JSON.parse(localStorage.getItem(key));
        if (own || !polygons.same(kept.base.polygons, kept.polygons)) found.push({ ...kept, key, draft: own ? kept.draft : null });
      } catch {
        localStorage.removeItem(key);
      }
    }
    return found;
  },

  forget(key) {
    localStorage.removeItem(key);
  },
};
