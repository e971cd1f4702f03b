// Polygons: {type: 0 excludes, 1 includes; points: [[x, y], ...]} in pixels of the picture. They never change; new ones are made.
const INCLUDE = 1, EXCLUDE = 0;

const polygons = {
  point: ([x, y]) => [Math.fround(x), Math.fround(y)], // as the file holds them

  distance: (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]),

  same(some, others) {
    return some === others || (some.length === others.length && some.every((one, place) => polygons.equal(one, others[place])));
  },

  equal(one, other) {
    return one === other || (one.type === other.type && one.points.length === other.points.length
      && one.points.every(([x, y], place) => x === other.points[place][0] && y === other.points[place][1]));
  },

  // {place, distance} of the point of `points` that is nearest.
  nearestPoint(points, to) {
    let best = { place: -1, distance: Infinity };
    points.forEach((point, place) => {
      const distance = polygons.distance(point, to);
      if (distance < best.distance) best = { place, distance };
    });
    return best;
  },

  // {place, distance} of the nearest edge; `place`: where a new point on it comes.
  nearestEdge(points, to) {
    let best = { place: -1, distance: Infinity };
    points.forEach((start, number) => {
      const end = points[(number + 1) % points.length];
      const along = [end[0] - start[0], end[1] - start[1]], length = along[0] ** 2 + along[1] ** 2;
      const share = length ? Math.min(Math.max(((to[0] - start[0]) * along[0] + (to[1] - start[1]) * along[1]) / length, 0), 1) : 0;
      const distance = polygons.distance([start[0] + share * along[0], start[1] + share * along[1]], to);
      if (distance < best.distance) best = { place: number + 1, distance };
    });
    return best;
  },

  // Number of the polygon whose line is nearest and within `reach`; -1: none.
  atLine(all, to, reach) {
    let best = -1, least = reach;
    all.forEach(({ points }, number) => {
      const { distance } = polygons.nearestEdge(points, to);
      if (distance < least) [best, least] = [number, distance];
    });
    return best;
  },

  withPoint: (one, place, point) => ({ ...one, points: one.points.map((old, number) => (number === place ? point : old)) }),
  withNewPoint: (one, place, point) => ({ ...one, points: [...one.points.slice(0, place), point, ...one.points.slice(place)] }),
  withoutPoint: (one, place) => ({ ...one, points: one.points.filter((_, number) => number !== place) }),
  replaced: (all, number, one) => (one ? all.map((old, place) => (place === number ? one : old)) : all.filter((_, place) => place !== number)),

  has: (all, one) => all.some((other) => polygons.equal(other, one)),

  union: (some, others) => [...some, ...others.filter((one) => !polygons.has(some, one))],

  // What two people made of `base`, put together; null where both changed the same polygon.
  merged(base, mine, theirs) {
    const goneMine = base.filter((one) => !polygons.has(mine, one)), goneTheirs = base.filter((one) => !polygons.has(theirs, one));
    const newMine = mine.filter((one) => !polygons.has(base, one)), newTheirs = theirs.filter((one) => !polygons.has(base, one));
    const bothChanged = goneMine.some((one) => polygons.has(goneTheirs, one)) && newMine.length && newTheirs.length;
    if (bothChanged) return null;
    return polygons.union(theirs.filter((one) => !polygons.has(goneMine, one)), newMine);
  },

  // For the attribute `d` of a path. An open one is not closed.
  path: (points, open = false) => (points.length ? `M${points.map((point) => point.join(" ")).join("L")}${open ? "" : "Z"}` : ""),
};
