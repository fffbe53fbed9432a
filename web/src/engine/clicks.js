// From clicks to the extent of what was clicked; see `segdemo.teaching.clicks`, which explains the numbers.

import { fit, logitsOf, spread, standardize } from './classifier.js';
import { alongEdges } from './edges.js';
import { channelsOf, featuresAt } from './maps.js';
import { between, dot, image, roundEven } from './numbers.js';
import { areas } from './regions.js';
import { linear, nearest } from './resize.js';

const GRID = 64,
  NEAR = 0.3,
  WEIGHTS = [0.3, 0.3, 0.5, 1, 1],
  SCORES = 0.5,
  UNTAKEN = 255;

/** How the cells of a grid look: { mean, deviation, features, directions }; the directions' products are the likeness, -1 to 1. */
export function looksOf(maps) {
  const { mean, deviation } = spread([maps]),
    middles = Array.from({ length: GRID }, (_, i) => (i + 0.5) / GRID),
    features = featuresAt(
      maps,
      middles.flatMap((y) => middles.map(() => y)),
      middles.flatMap(() => middles),
    );
  standardize(features, mean, deviation);
  const weights = maps.map((_, i) => WEIGHTS[i] ?? SCORES),
    all = weights.reduce((a, b) => a + b),
    directions = new Float32Array(features.length),
    wide = channelsOf(maps);
  for (let cell = 0; cell < GRID * GRID; cell++) {
    let first = cell * wide;
    maps.forEach(({ channels }, i) => {
      const part = features.subarray(first, first + channels),
        scale = Math.sqrt(weights[i] / all) / (Math.sqrt(part.reduce((sum, value) => sum + value * value, 0)) + 1e-6);
      part.forEach((value, c) => (directions[first + c] = value * scale));
      first += channels;
    });
  }
  return { mean, deviation, features, directions };
}

/** (height * width) of class ids: of each pixel that belongs to what was clicked; 255 elsewhere. A click is { y, x, id } in shares of the sides. */
export function extents(seen, clicks, height, width) {
  const looks = looksOf(seen.maps),
    places = clicks.map(({ y, x }) => Math.floor(y * GRID) * GRID + Math.floor(x * GRID)),
    alike = clicks.map((click, i) => likeness(looks.directions, places[i], click)),
    found = new Uint8Array(height * width).fill(UNTAKEN),
    surest = new Float32Array(height * width);
  for (const id of [...new Set(clicks.map((click) => click.id))].sort((a, b) => a - b)) {
    const own = alike[0].map((_, cell) => Math.max(...alike.filter((_, i) => clicks[i].id === id).map((each) => each[cell]))),
      others = alike[0].map((_, cell) => Math.max(-1, ...alike.filter((_, i) => clicks[i].id !== id).map((each) => each[cell]))),
      least = otsu(own),
      mine = clicks.filter((click) => click.id === id),
      begun = touched(
        Uint8Array.from(own, (value, cell) => value > Math.max(others[cell], least)),
        GRID,
        GRID,
        mine,
      ),
      targets = begun.slice();
    places.forEach((cell, i) => (targets[cell] = clicks[i].id === id));
    const margin = marginOf(seen, looks, targets, height, width),
      large = touched(
        Uint8Array.from(margin, (value) => value > 0),
        height,
        width,
        mine,
      ),
      taken = large.map((there, i) => there && margin[i] > surest[i]);
    const kept = taken.some(Boolean) ? taken : nearest(image(begun, GRID, GRID, 1), height, width).data; // nothing tells it from the rest: what is near, then
    kept.forEach((there, i) => {
      if (there) [found[i], surest[i]] = [id, margin[i]];
    });
  }
  return found;
}

function likeness(directions, place, { y, x }) {
  const wide = directions.length / (GRID * GRID);
  return Float32Array.from({ length: GRID * GRID }, (_, cell) => {
    const away = Math.hypot((Math.floor(cell / GRID) + 0.5) / GRID - y, ((cell % GRID) + 0.5) / GRID - x);
    return dot(directions, cell * wide, directions, place * wide, wide) - NEAR * away;
  });
}

/** The threshold of Otsu (1979) that parts values of -1 to 1 best in two. */
function otsu(values) {
  const counts = new Array(256).fill(0);
  for (const value of values) counts[between(0, roundEven((value + 1) * 127.5), 255)]++;
  const all = counts.reduce((sum, count, level) => sum + count * level, 0);
  let [below, sum, best, threshold] = [0, 0, 0, 0];
  counts.forEach((count, level) => {
    below += count;
    sum += count * level;
    const above = values.length - below,
      parted = below && above ? below * above * (sum / below - (all - sum) / above) ** 2 : 0;
    if (parted > best) [best, threshold] = [parted, level];
  });
  return threshold / 127.5 - 1;
}

/** (height * width): how much likelier a pixel is of the cells whose target is 1 than of the others. */
function marginOf(seen, { mean, deviation, features }, targets, height, width) {
  if (targets.every((target) => target === targets[0])) return new Float32Array(height * width).fill(targets[0]);
  const found = fit(features, targets, 2),
    scores = alongEdges(logitsOf({ mean, deviation, ...found }, seen.maps, seen.height, seen.width), seen.lightness),
    margin = Float32Array.from({ length: seen.height * seen.width }, (_, i) => scores.data[2 * i + 1] - scores.data[2 * i]);
  return linear(image(margin, seen.height, seen.width, 1), height, width).data;
}

/** The connected parts of (h * w) in which a click lies; all of it if none does. */
function touched(mask, height, width, clicks) {
  const parent = areas(mask, height, width, false),
    at = clicks.map(({ y, x }) => Math.floor(y * height) * width + Math.floor(x * width)).filter((i) => mask[i]),
    parts = new Set(at.map((i) => parent[i]));
  return parts.size ? mask.map((there, i) => there && parts.has(parent[i])) : mask;
}
