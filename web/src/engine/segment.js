// A picture in, a segmentation out: `Segmenter` and `Suggester` of Python.

import { canvasSize, compose } from './areas.js';
import { classLogits, labels, maskOf } from './decide.js';
import { findHeads } from './heads.js';
import { softMask } from './matte.js';
import { image, roundEven } from './numbers.js';
import { countObjects, countRegions, enlarge, separate, separated } from './regions.js';
import { byArea, crop, resize, shrink } from './resize.js';
import { logits, ready } from './runtime.js';

const SMALLEST_SIDE = 32,
  SUGGESTED = 192,
  LONGEST_SUGGESTED = 320,
  FIFTIETHS = 50;

/** The [height, width] at which the network sees a picture; see `segmentation.working_size`. */
export function workingSize(height, width, pixels) {
  let scale = Math.sqrt(pixels / (height * width));
  if (scale >= 0.9 && scale <= 1.1) scale = 1;
  const longest = Math.floor((2 * pixels) / SMALLEST_SIDE);
  return [height, width].map((side) => Math.min(Math.max(roundEven(side * scale), SMALLEST_SIDE), longest));
}

function seenSize(area, picture, pixels) {
  const height = area.bottom - area.top,
    width = area.right - area.left;
  if (height === picture.height && width === picture.width) return workingSize(height, width, pixels);
  const scale = Math.sqrt(pixels / (height * width));
  return [height, width].map((side) => Math.max(roundEven((side * scale) / SMALLEST_SIDE), 1) * SMALLEST_SIDE);
}

/** What the network says of a picture at the working size; of a task that looks for faces first, of each head by itself. */
export async function outputs(picture, { task, network }, heads) {
  const whole = { top: 0, bottom: picture.height, left: 0, right: picture.width },
    areas = heads?.length ? heads : [whole],
    parts = [];
  for (const area of areas) {
    const seen = crop(picture, area.top, area.bottom, area.left, area.right);
    parts.push([area, await logits(network, resize(seen, ...seenSize(area, picture, task.pixels)))]);
  }
  if (areas.length === 1 && seenAll(areas[0], picture)) return parts[0][1];
  const least = workingSize(picture.height, picture.width, task.pixels);
  return compose(parts, picture, canvasSize(picture, parts, least), task.background);
}

/** The heads, where the task looks for faces first; null where it does not. */
export const located = (picture, { task, detector }) => (task.faces ? findHeads(detector, picture) : null);

const seenAll = (area, picture) => area.top === 0 && area.left === 0 && area.bottom === picture.height && area.right === picture.width;

/**
 * Segments a picture (H, W, 3) of bytes.
 *
 * `asked`: task { pixels, classes, countable, faces, background }, network and detector (addresses), temperature, usual, and `drawn`, the [height, width]
 * for which the card's numbers are made, if they are wanted; `soft` { id } for a soft mask of a class, `overlay` for a mask with gaps between objects; `live`
 * for a mask and nothing else.
 */
export async function segment(picture, asked) {
  const { task, temperature } = asked,
    { height, width } = picture,
    times = {};
  let start = performance.now();
  const lap = (name) => {
    const now = performance.now();
    times[name] = (now - start) / 1000;
    start = now;
  };
  const heads = await located(picture, asked),
    search = performance.now() - start;
  const first = heads?.[0] ?? { top: 0, bottom: height, left: 0, right: width };
  start = performance.now();
  await ready(asked.network, ...seenSize(first, picture, task.pixels));
  lap('load');
  const said = await outputs(picture, asked, heads);
  lap('network');
  times.network += search / 1000;
  const classes = classLogits(said, task, temperature);
  if (asked.live) return { mask: maskOf(classes, height, width), height, width };
  const { mask, confidence, entropy } = labels(classes, height, width, asked.drawn && height === classes.height && width === classes.width),
    objects = task.countable ? separate(said) : null,
    instances = objects && enlarge(objects, mask, height, width);
  lap('labels');
  const statistics = statisticsOf(mask, confidence, height, width, task.classes, instances),
    found = foundConfidence(mask, confidence, task.background);
  const result = { mask, confidence, height, width, statistics, times, located: heads, found, unfamiliar: heads ? !heads.length : found < asked.usual };
  if (asked.soft) result.soft = softMask(classes, chosenOf(asked.soft, statistics, task), height, width);
  if (asked.overlay) result.separated = objects ? separated(mask, instances) : mask;
  if (asked.drawn) {
    start = performance.now();
    Object.assign(result, drawn(asked.drawn, classes, objects, mask, confidence, entropy, height, width));
    lap('drawing');
  }
  return result;
}

/** The ids asked for; else all but the background or, where there is none, the largest. */
function chosenOf({ id }, statistics, { background }) {
  if (id !== null) return [id];
  if (background === null) return [statistics.reduce((a, b) => (b.pixels > a.pixels ? b : a)).id];
  return statistics.map((each) => each.id).filter((each) => each !== background);
}

/** What a card draws from: the class ids at the size that is drawn; confidence and entropy in fiftieths at half of it, as differences. */
function drawn([tall, wide], classes, objects, mask, confidence, entropy, height, width) {
  const same = tall === height && wide === width,
    large = same ? mask : maskOf(classes, tall, wide),
    ids = objects ? separated(large, enlarge(objects, large, tall, wide)) : large,
    size = [Math.ceil(tall / 2), Math.ceil(wide / 2)],
    doubts = new Int8Array(2 * size[0] * size[1]),
    unsure = entropy ? image(entropy, height, width) : image(labels(classes, classes.height, classes.width, true).entropy, classes.height, classes.width);
  [image(confidence, height, width), unsure].forEach((plane, which) => {
    const { data } = byArea(plane, ...size),
      at = which * data.length;
    for (let i = 0, before = 0; i < data.length; i++) {
      const value = Math.min(Math.max(roundEven(FIFTIETHS * data[i]), 0), FIFTIETHS);
      doubts[at + i] = i % size[1] ? value - before : value;
      before = value;
    }
  });
  return { ids, doubts };
}

/** One record a class, in id order; confidence is NaN of a class that is not there. */
export function statisticsOf(mask, confidence, height, width, classes, instances) {
  const pixels = new Array(classes).fill(0),
    sums = new Array(classes).fill(0),
    regions = countRegions(mask, height, width, classes);
  for (let i = 0; i < mask.length; i++) {
    pixels[mask[i]]++;
    sums[mask[i]] += confidence[i];
  }
  if (instances && pixels[1]) regions[1] = countObjects(instances);
  return pixels.map((count, id) => ({ id, pixels: count, share: count / mask.length, regions: regions[id], confidence: count ? sums[id] / count : NaN }));
}

/** The mean confidence of all that is not background. */
function foundConfidence(mask, confidence, background) {
  let sum = 0,
    count = 0;
  for (let i = 0; i < mask.length; i++)
    if (mask[i] !== background) {
      sum += confidence[i];
      count++;
    }
  return count ? sum / count : 1;
}

/** [task or null for "none of these", probability] of each task, the most probable first; `facts` as in suggest.json. See `segdemo.suggestion`. */
export async function suggest(picture, { network, detector, tasks, temperature, added }) {
  const { data } = await logits(network, resize(picture, SUGGESTED, SUGGESTED)),
    scaled = [...data].map((value, i) => (value + (added[i] ?? added)) / temperature),
    none = scaled.length - 1;
  if (scaled[none] >= Math.max(...scaled) && (await findHeads(detector, shrink(picture, LONGEST_SUGGESTED))).length) scaled[none] = -Infinity;
  const best = Math.max(...scaled),
    odds = scaled.map((value) => Math.exp(value - best)),
    sum = odds.reduce((a, b) => a + b);
  return [...tasks, null].map((name, i) => [name, odds[i] / sum]).sort((a, b) => b[1] - a[1]);
}
