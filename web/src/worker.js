// The worker in which the networks run: one request after the other, each answered with the same `id`.

import { compareMasks, disagreement } from './engine/agreement.js';
import { extents, looksOf } from './engine/clicks.js';
import { logOdds, startOf } from './engine/correction.js';
import { look } from './engine/maps.js';
import { softMask } from './engine/matte.js';
import { image, roundEven } from './engine/numbers.js';
import { shrink } from './engine/resize.js';
import { boot, ready } from './engine/runtime.js';
import { segment, statisticsOf, suggest, workingSize } from './engine/segment.js';
import { cutout, onBackground, overlay } from './engine/takeaway.js';
import { decided, leastSure, painted, scoresOf, taught } from './engine/teach.js';

const HERE = self.location.href,
  beside = (name) => new URL(name, HERE).href;

/** (H, W, 3) bytes of ImageData; laid on white, for a canvas is transparent where a picture is. */
function opaque({ data, height, width }) {
  const out = new Uint8Array(height * width * 3);
  for (let i = 0, o = 0; o < out.length; i += 4, o += 3) {
    const alpha = data[i + 3];
    if (alpha === 255) {
      out[o] = data[i];
      out[o + 1] = data[i + 1];
      out[o + 2] = data[i + 2];
    } else for (let c = 0; c < 3; c++) out[o + c] = Math.round((data[i + c] * alpha + 255 * (255 - alpha)) / 255);
  }
  return image(out, height, width, 3);
}

const shownSize = ({ height, width }, longest) => {
  const factor = Math.min((longest || Infinity) / Math.max(height, width), 1);
  return [height, width].map((side) => Math.max(roundEven(factor * side), 1));
};

/** A picture (H, W, 3) of bytes as a canvas takes it, the other way round. */
function drawable({ data, height, width }) {
  const out = new Uint8ClampedArray(height * width * 4).fill(255);
  for (let i = 0, o = 0; i < data.length; i++, o += i % 3 ? 1 : 2) out[o] = data[i];
  return image(out, height, width, 4);
}

function encoded({ data, height, width }, type) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, 0);
  return canvas.convertToBlob({ type, quality: 0.92 });
}

/** The pictures of the lesson by key: each { picture }, as large as it is painted on, and what comes later: see `seenOf` and `takenOf`. */
const lesson = new Map();

async function seenOf(page, eye) {
  page.seen ??= await look(page.picture, eye);
  return page.seen;
}

/** The `extents` of clicks on a picture that was looked at; found once, for every stroke asks. */
function takenOf(page, clicks) {
  const asked = JSON.stringify(clicks);
  if (page.asked !== asked) Object.assign(page, { asked, taken: extents(page.seen, clicks, page.picture.height, page.picture.width) });
  return page.taken;
}

/** Where a correction of a picture begins, null if nothing is corrected: `corrects` holds what the network is `asked`, and the `ids` of its classes. */
async function startFrom(page, corrects) {
  if (!corrects) return null;
  const { network } = corrects.asked;
  if (page.network !== network) Object.assign(page, { network, odds: await logOdds(page.picture, corrects.asked) });
  return startOf(page.odds, corrects.ids);
}

/** What is learned of `pages`, each { key, strokes, clicks }: the classifier, or null, and what is painted on each. */
async function learned({ pages, classes, eye, corrects }) {
  const pictures = [];
  for (const { key, strokes, clicks } of pages) {
    const page = lesson.get(key),
      { height, width } = page.picture,
      used = strokes || clicks.length,
      seen = used && (await seenOf(page, eye)),
      start = used && (await startFrom(page, corrects));
    pictures.push({ height, width, strokes, clicks, seen, start, taken: clicks.length && takenOf(page, clicks) });
  }
  const strokes = painted(pictures);
  return { classifier: taught(pictures, strokes, classes), strokes };
}

/** Every second value of every second row, in bytes. */
function halved(plane, height, width) {
  const out = [];
  for (let y = 0; y < height; y += 2) for (let x = 0; x < width; x += 2) out.push(roundEven(255 * plane[y * width + x]));
  return Uint8Array.from(out);
}

const WORK = {
  async segment({ picture, longest, larger, asked }) {
    const seen = shrink(opaque(picture), longest),
      { height, width } = seen;
    if (larger) {
      const factor = Math.min(larger, longest / Math.max(height, width));
      asked.drawn = [Math.max(roundEven(factor * height), 1), Math.max(roundEven(factor * width), 1)];
    }
    return { ...(await segment(seen, asked)), drawn: asked.drawn };
  },
  /** The picture as a file to take away: its bytes' Blob, null if it has nothing of the class; `kind` is one of those in `output/takeaway.py`. */
  async take({ picture, kind, color, classId, opacity, longest, asked }) {
    const seen = opaque(picture),
      over = kind === 'overlay';
    const { soft, separated, statistics, unfamiliar, found, located } = await segment(seen, { ...asked, soft: over ? null : { id: classId }, overlay: over });
    let made;
    if (kind === 'cutout') made = cutout(seen, soft);
    else if (!over) made = soft.some(Boolean) ? onBackground(seen, soft, kind, color) : null;
    else made = overlay(seen, separated, asked.task.palette, asked.task.background, opacity, ...shownSize(seen, longest));
    return { file: made && (await encoded(made, kind === 'cutout' ? 'image/png' : 'image/jpeg')), statistics, unfamiliar, found, located };
  },
  /** Every model's overlay and facts, and where they disagree. */
  async compare({ picture, models, longest, opacity }) {
    const seen = opaque(picture),
      size = shownSize(seen, longest),
      found = [],
      masks = [];
    for (const asked of models) {
      const { mask, separated, statistics, times, unfamiliar, found: sure, located } = await segment(seen, { ...asked, overlay: true });
      const drawn = overlay(seen, separated, asked.task.palette, asked.task.background, opacity, ...size);
      masks.push(mask);
      found.push({ file: await encoded(drawn, 'image/jpeg'), statistics, times, unfamiliar, found: sure, located });
    }
    if (models.length < 2) return { found };
    const { everywhere, pairs, answers } = compareMasks(masks);
    return { found, everywhere, pairs, disagreement: await encoded(disagreement(seen, answers, ...size), 'image/jpeg') };
  },
  async suggest({ picture, longest, asked }) {
    return suggest(shrink(opaque(picture), longest), asked);
  },
  /** The picture as it is painted on: a JPEG and its size. The worker keeps it, and no others than those of `keys`. */
  async open({ key, keys, picture, longest }) {
    const shown = shrink(opaque(picture), longest),
      { height, width } = shown;
    for (const each of lesson.keys()) if (!keys.includes(each)) lesson.delete(each);
    lesson.set(key, { picture: shown });
    return { file: await encoded(drawable(shown), 'image/jpeg'), height, width };
  },
  /** Looks at a picture while the visitor takes the brush; how its cells look is told if wanted, as bytes times `scale`. */
  async look({ key, eye, told }) {
    const { maps } = await seenOf(lesson.get(key), eye);
    if (!told) return null;
    const { directions } = looksOf(maps),
      scale = directions.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    return { scale, looks: Int8Array.from(directions, (value) => roundEven(value / scale)) };
  },
  /** The classifier, and what it finds on the pages of `shown`, by number; null if too little is painted. */
  async learn({ shown, ...asked }) {
    const { classifier, strokes } = await learned(asked),
      results = [];
    if (!classifier) return null;
    for (const number of shown) {
      const page = lesson.get(asked.pages[number].key),
        { height, width } = page.picture,
        scores = scoresOf(await seenOf(page, asked.eye), classifier, await startFrom(page, asked.corrects)),
        { mask, confidence } = decided(scores, strokes[number], height, width);
      results.push({
        mask,
        sure: halved(confidence, height, width),
        next: leastSure(confidence, strokes[number], height, width),
        statistics: statisticsOf(mask, confidence, height, width, asked.classes),
      });
    }
    return { classifier, results };
  },
  /** A picture of the lesson at its full size; its file, if wanted, as in `take`. */
  async found({ picture, page, kind, classId, palette, opacity, ...asked }) {
    const { classifier, strokes } = await learned(asked),
      whole = opaque(picture),
      { height, width } = whole,
      shown = lesson.get(asked.pages[page].key),
      full = shown.picture.height === height && shown.picture.width === width ? shown : { picture: whole },
      scores = scoresOf(await seenOf(full, asked.eye), classifier, await startFrom(full, asked.corrects)),
      { mask, confidence } = decided(scores, strokes[page], height, width);
    let file = null;
    if (kind === 'overlay') file = await encoded(overlay(whole, mask, palette, null, opacity), 'image/jpeg');
    if (kind === 'cutout') {
      const cut = cutout(whole, softMask(scores, [classId], height, width));
      file = cut && (await encoded(cut, 'image/png'));
    }
    return { mask, width, height, file, statistics: statisticsOf(mask, confidence, height, width, asked.classes) };
  },
  async ready({ network, size, pixels }) {
    await ready(network, ...workingSize(...size, pixels));
  },
};

let line = Promise.resolve();
self.onmessage = ({ data }) => {
  line = line.then(() => answer(data));
};

async function answer({ id, work, ...request }) {
  try {
    await boot(beside('litert.js'), beside('litert.wasm.bin'));
    const result = await WORK[work](request),
      moved = Object.values(result ?? {}).filter((value) => ArrayBuffer.isView(value));
    self.postMessage({ id, result }, [...new Set(moved.map((value) => value.buffer))]);
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
}
