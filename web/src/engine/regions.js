// Connected areas, and touching objects told apart: what `statistics` and `instances` do in Python.

import { logAddExp } from './decide.js';
import { nearest } from './resize.js';
import { image } from './numbers.js';

const BACKGROUND = 0,
  CORE = 2,
  SMALLEST_CORE = 6; // pixels at the working size; below, it is noise

/** Connected areas of equal values, with eight neighbours a pixel or four: of each pixel the first one of its area. */
export function areas(values, height, width, diagonal = true) {
  const parent = new Int32Array(values.length);
  const root = (i) => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const value = values[i];
      if (diagonal && y && values[i - width] === value) {
        parent[i] = root(i - width); // the three other neighbours touch that one and have been joined to it
        continue;
      }
      let top = i;
      parent[i] = i;
      const join = (j) => {
        if (values[j] !== value) return;
        const other = root(j);
        if (other < top) {
          parent[top] = other;
          top = other;
        } else if (other > top) parent[other] = top;
      };
      if (!diagonal && y) join(i - width);
      if (x) join(i - 1);
      if (diagonal && y && x) join(i - width - 1);
      if (diagonal && y && x < width - 1) join(i - width + 1);
    }
  for (let i = 0; i < parent.length; i++) parent[i] = parent[parent[i]]; // a parent lies before its children
  return parent;
}

/** How many connected areas each class has. */
export function countRegions(mask, height, width, classes) {
  const parent = areas(mask, height, width),
    counts = new Array(classes).fill(0);
  for (let i = 0; i < parent.length; i++) if (parent[i] === i) counts[mask[i]]++;
  return counts;
}

/** The connected areas of a binary picture, numbered from 1; those of fewer than `smallest` pixels left out. */
function largeAreas(binary, height, width, smallest) {
  const parent = areas(binary, height, width),
    size = new Int32Array(parent.length),
    out = new Int32Array(parent.length);
  for (let i = 0; i < parent.length; i++) size[parent[i]]++;
  let count = 0;
  for (let i = 0; i < parent.length; i++) {
    if (!binary[i]) continue;
    if (parent[i] === i) out[i] = size[i] >= smallest ? ++count : 0;
    else out[i] = out[parent[i]];
  }
  return { out, count };
}

/** Logits of background, rim and core to object ids, 0 = background; see `instances.separate`. */
export function separate({ data, height, width }) {
  const pixels = height * width,
    foreground = new Uint8Array(pixels),
    core = new Uint8Array(pixels),
    value = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const [none, rim, deep] = [data[3 * i + BACKGROUND], data[3 * i + 1], data[3 * i + CORE]];
    foreground[i] = Math.fround(logAddExp(rim, deep)) > none;
    core[i] = deep > none && deep > rim;
    value[i] = -deep;
  }
  const seeds = largeAreas(core, height, width, SMALLEST_CORE),
    found = largeAreas(foreground, height, width, 2 * SMALLEST_CORE),
    seeded = new Uint8Array(found.count + 1),
    ids = seeds.out;
  for (let i = 0; i < pixels; i++) if (ids[i]) seeded[found.out[i]] = 1;
  for (let i = 0; i < pixels; i++) if (found.out[i] && !seeded[found.out[i]]) ids[i] = seeds.count + found.out[i];
  watershed(value, ids, foreground, height, width);
  return image(ids, height, width, 1);
}

/** Grows the markers over the mask, the lowest value first, of equal ones the earliest (scikit-image's `watershed`). */
function watershed(value, ids, mask, height, width) {
  const heap = [], // positions in the two below
    at = [],
    age = [];
  const less = (a, b) => value[at[a]] < value[at[b]] || (value[at[a]] === value[at[b]] && age[a] < age[b]);
  const push = (pixel, time) => {
    let k = heap.push(at.push(pixel) - 1) - 1;
    age.push(time);
    for (let up; k && less(heap[k], heap[(up = (k - 1) >> 1)]); k = up) [heap[k], heap[up]] = [heap[up], heap[k]];
  };
  const pop = () => {
    const first = heap[0],
      last = heap.pop();
    if (heap.length) {
      heap[0] = last;
      for (let k = 0, down; (down = 2 * k + 1) < heap.length; k = down) {
        if (down + 1 < heap.length && less(heap[down + 1], heap[down])) down++;
        if (!less(heap[down], heap[k])) break;
        [heap[k], heap[down]] = [heap[down], heap[k]];
      }
    }
    return at[first];
  };
  for (let i = 0; i < ids.length; i++) {
    if (!mask[i]) ids[i] = 0;
    else if (ids[i]) push(i, 0);
  }
  for (let time = 0; heap.length; ) {
    const i = pop(),
      x = i % width,
      grow = (j) => {
        if (!mask[j] || ids[j]) return;
        ids[j] = ids[i];
        push(j, ++time);
      };
    if (i >= width) grow(i - width);
    if (x) grow(i - 1);
    if (x < width - 1) grow(i + 1);
    if (i < width * (height - 1)) grow(i + width);
  }
}

/** Object ids at another size, 0 where the mask is background. */
export function enlarge(instances, mask, height, width) {
  const large = nearest(instances, height, width);
  for (let i = 0; i < mask.length; i++) if (!mask[i]) large.data[i] = 0;
  return large;
}

export const countObjects = ({ data }) => new Set(data).size - data.includes(0);

/** The mask with a gap of background between objects that touch: without their outermost pixels. */
export function separated(mask, { data, height, width }) {
  const out = mask.slice();
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const id = data[i];
      if (!id) continue;
      const edge =
        (x && data[i - 1] !== id) || (x < width - 1 && data[i + 1] !== id) || (y && data[i - width] !== id) || (y < height - 1 && data[i + width] !== id);
      if (edge) out[i] = 0;
    }
  return out;
}
