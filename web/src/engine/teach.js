// What is learned of strokes, and what that finds; see `segdemo.teaching.taught` and `segdemo/ui/parts/lesson.py`.

import { learn, logitsOf } from './classifier.js';
import { labels } from './decide.js';
import { alongEdges, changesAlongEdges } from './edges.js';
import { addEnlarged } from './maps.js';
import { image, roundEven } from './numbers.js';
import { byArea, nearest } from './resize.js';
import { blurred } from './takeaway.js';

export const UNPAINTED = 255;
const LEARNED_PIXELS = 6000,
  GRID = 64, // cells a side, on which the next stroke is sought
  SPREAD = 2,
  SURE = 0.1;

/** Of each picture { height, width, strokes or null, clicks, taken } what is painted or clicked, (h, w) of class ids, or null; `taken`: see `extents`. */
export function painted(pictures) {
  const ids = new Set(pictures.flatMap(({ strokes, clicks }) => [...(strokes ? new Set(strokes) : []), ...clicks.map(({ id }) => id)]));
  ids.delete(UNPAINTED);
  const rest = ids.size > 1 ? UNPAINTED : ids.has(0) ? 1 : 0; // of one class alone, all the rest is another
  return pictures.map(({ height, width, strokes, clicks, taken }) => {
    if (!clicks.length) return strokes && image(strokes, height, width, 1);
    const own = (id, i) => (strokes && strokes[i] !== UNPAINTED ? strokes[i] : id === UNPAINTED ? rest : id);
    return image(taken.map(own), height, width, 1);
  });
}

/**
 * The classifier and how many pixels of each class it learned from; null if fewer than two classes are painted. `pictures` hold what is `seen` of each, see
 * `look`, and, of a correction, its `start`, with which nothing need be painted.
 */
export function taught(pictures, strokes, classes) {
  const counts = new Array(classes).fill(0);
  for (const each of strokes) if (each) for (const id of each.data) if (id !== UNPAINTED) counts[id]++;
  const lessons = pictures.flatMap(({ seen, start }, i) => (strokes[i] ? [{ maps: seen.maps, start, painted: chosen(strokes[i], counts) }] : []));
  if (counts.filter(Boolean).length < 2 && !lessons[0]?.start) return null;
  return { ...learn(lessons, classes), counts };
}

/** The painted pixels { y, x, ids }, of large classes evenly chosen ones; `counts` are those of all pictures. */
function chosen({ data, height, width }, counts) {
  const most = Math.max(Math.floor(LEARNED_PIXELS / Math.max(counts.filter(Boolean).length, 1)), 1),
    found = { y: [], x: [], ids: [] };
  counts.forEach((count, id) => {
    const places = [];
    for (let i = 0; i < data.length; i++) if (data[i] === id) places.push(i);
    const share = Math.min(most / Math.max(count, 1), 1),
      number = Math.max(roundEven(share * places.length), Math.min(places.length, 1));
    for (let k = 0; k < number; k++) {
      const place = places[number > 1 ? roundEven((k * (places.length - 1)) / (number - 1)) : 0];
      found.y.push(Math.fround((Math.floor(place / width) + 0.5) / height));
      found.x.push(Math.fround(((place % width) + 0.5) / width));
      found.ids.push(id);
    }
  });
  return found;
}

/** Logits at the size at which a picture was looked at; of a correction, added to its `start`. */
export function scoresOf(seen, classifier, start) {
  const found = logitsOf(classifier, seen.maps, seen.height, seen.width),
    logits = (start ? changesAlongEdges : alongEdges)(found, seen.lightness),
    { data, channels } = logits;
  if (start) addEnlarged(logits, start);
  if (channels === 2) for (let i = 0; i < data.length; i += 2) [data[i], data[i + 1]] = [0, data[i + 1] - data[i]];
  return logits;
}

/** { mask, confidence } at any size; where somebody painted, it is what was painted. */
export function decided(scores, strokes, height, width) {
  const found = labels(scores, height, width);
  if (strokes)
    nearest(strokes, height, width).data.forEach((id, i) => {
      if (id === UNPAINTED) return;
      found.mask[i] = id;
      found.confidence[i] = 1;
    });
  return found;
}

/** Where a stroke would teach most: [y, x] in shares of the sides, or null where all is sure; not where something is painted already. */
export function leastSure(confidence, strokes, height, width) {
  const plane = (values) => byArea(image(Float32Array.from(values), height, width, 1), GRID, GRID),
    near = Array.from({ length: 8 * SPREAD + 1 }, (_, k) => Math.exp(-((k - 4 * SPREAD) ** 2) / (2 * SPREAD ** 2))),
    whole = near.reduce((a, b) => a + b),
    doubt = blurred(
      plane(confidence.map((value) => 1 - value)),
      near.map((part) => part / whole),
    ).data;
  if (strokes) {
    const there = plane(strokes.data.map((id) => (id === UNPAINTED ? 0 : 1))).data;
    there.forEach((share, i) => {
      const [row, column] = [Math.floor(i / GRID), i % GRID];
      if (share > 0)
        for (let y = Math.max(row - 2, 0); y <= Math.min(row + 2, GRID - 1); y++)
          doubt.fill(0, y * GRID + Math.max(column - 2, 0), y * GRID + Math.min(column + 2, GRID - 1) + 1);
    });
  }
  const at = doubt.indexOf(doubt.reduce((a, b) => Math.max(a, b)));
  return doubt[at] > SURE ? [(Math.floor(at / GRID) + 0.5) / GRID, ((at % GRID) + 0.5) / GRID] : null;
}
