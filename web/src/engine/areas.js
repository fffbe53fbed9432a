// The parts of a picture that a network sees one by one, and how their logits become those of the picture; see `segdemo.inference.areas`.

import { between, image, roundEven } from './numbers.js';
import { linear } from './resize.js';

const CERTAIN = 12,
  BORDER = 0.08,
  ROUND = 1.15,
  CANVAS = 1_500_000;

const height = (area) => area.bottom - area.top,
  width = (area) => area.right - area.left;

/** `parts`: [area, logits] of each. */
export function canvasSize(picture, parts, least) {
  const fine = Math.max(...parts.map(([area, logits]) => logits.height / height(area))),
    scale = Math.min(fine, 1, Math.sqrt(CANVAS / (picture.height * picture.width)));
  return [Math.max(roundEven(picture.height * scale), least[0]), Math.max(roundEven(picture.width * scale), least[1])];
}

/** The logits of a picture from those of its areas; where no area is, it is background. */
export function compose(parts, picture, [tall, wide], background) {
  const classes = parts[0][1].channels,
    isAll = (area) => height(area) === picture.height && width(area) === picture.width,
    whole = parts.find(([area]) => isAll(area)),
    pixels = tall * wide;
  let below;
  if (whole) below = probabilities(linear(whole[1], tall, wide)).data;
  else {
    const one = probabilities(
      image(
        Float32Array.from({ length: classes }, (_, c) => (c === background ? CERTAIN : 0)),
        1,
        1,
        classes,
      ),
    ).data;
    below = new Float32Array(pixels * classes);
    for (let i = 0; i < pixels; i++) below.set(one, i * classes);
  }
  const total = new Float32Array(pixels * classes),
    weights = new Float32Array(pixels),
    presence = new Float32Array(pixels);
  for (const [area, logits] of parts) {
    if (isAll(area)) continue;
    const y = tall / picture.height,
      x = wide / picture.width,
      place = { top: roundEven(area.top * y), bottom: roundEven(area.bottom * y), left: roundEven(area.left * x), right: roundEven(area.right * x) };
    const found = probabilities(resized(logits, height(place), width(place))).data,
      inside = fade(place, tall, wide),
      middle = centred(place);
    for (let row = place.top, k = 0; row < place.bottom; row++)
      for (let column = place.left; column < place.right; column++, k++) {
        const i = row * wide + column,
          weight = inside[k] * middle[k];
        for (let c = 0; c < classes; c++) total[i * classes + c] += weight * found[k * classes + c];
        weights[i] += weight;
        presence[i] = Math.max(presence[i], inside[k]);
      }
  }
  for (let i = 0; i < pixels; i++)
    for (let c = 0, j = i * classes; c < classes; c++, j++) {
      const mixed = total[j] / Math.max(weights[i], 1e-9);
      total[j] = Math.log(Math.max(presence[i] * mixed + (1 - presence[i]) * below[j], 1e-9));
    }
  return image(total, tall, wide, classes);
}

const resized = (logits, tall, wide) => (logits.height === tall && logits.width === wide ? logits : linear(logits, tall, wide));

function probabilities({ data, height, width, channels }) {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += channels) {
    let best = -Infinity,
      sum = 0;
    for (let c = 0; c < channels; c++) best = Math.max(best, data[i + c]);
    for (let c = 0; c < channels; c++) sum += out[i + c] = Math.exp(data[i + c] - best);
    for (let c = 0; c < channels; c++) out[i + c] /= sum;
  }
  return image(out, height, width, channels);
}

/** 1 inside, towards 0 at the sides that are not the picture's own, and 0 in the corners. */
function fade(place, tall, wide) {
  const line = (start, stop, end) => {
    const length = stop - start,
      step = (i) => (i + 0.5) / Math.max(BORDER * length, 1);
    return Float64Array.from({ length }, (_, i) => between(0, Math.min(start === 0 ? 1 : step(i), stop === end ? 1 : step(length - 1 - i)), 1));
  };
  const rows = line(place.top, place.bottom, tall),
    columns = line(place.left, place.right, wide),
    out = new Float32Array(rows.length * columns.length),
    far = (i, n) => (n > 1 ? -1 + (2 * i) / (n - 1) : -1);
  for (let y = 0, k = 0; y < rows.length; y++)
    for (let x = 0; x < columns.length; x++, k++) {
      const corner = between(0, (ROUND - Math.hypot(far(y, rows.length), far(x, columns.length))) / BORDER, 1);
      out[k] = Math.min(rows[y], columns[x], corner);
    }
  return out;
}

/** 1 in the middle, nearly 0 at every side. */
function centred(place) {
  const line = (length) => Float64Array.from({ length }, (_, i) => 1 - Math.abs(((i + 0.5) * 2) / length - 1));
  const rows = line(height(place)),
    columns = line(width(place)),
    out = new Float32Array(rows.length * columns.length);
  for (let y = 0, k = 0; y < rows.length; y++) for (let x = 0; x < columns.length; x++, k++) out[k] = Math.fround(Math.min(rows[y], columns[x])) ** 2 + 1e-6;
  return out;
}
