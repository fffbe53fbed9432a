// How much of each pixel belongs to chosen classes; see `segdemo.output.matte`.

import { between, image, roundEven } from './numbers.js';
import { areas } from './regions.js';
import { linear } from './resize.js';

const SURE = Math.log(3),
  CRUMB = 0.01,
  FAR = 1e6,
  BAND = 3;

/** (H, W) of bytes: 255 inside of the classes, 0 outside, and between along their border, as unsure as the network is there. */
export function softMask(logits, chosen, height, width) {
  const lead = leadOf(logits, chosen),
    inside = tidy(
      Uint8Array.from(lead, (value) => value > 0),
      logits.height,
      logits.width,
    ),
    distance = signedDistance(inside, logits.height, logits.width),
    planes = new Float32Array(2 * lead.length);
  for (let i = 0; i < lead.length; i++) {
    planes[2 * i] = lead[i] / SURE;
    planes[2 * i + 1] = distance[i] / BAND;
  }
  const { data } = linear(image(planes, logits.height, logits.width, 2), height, width),
    soft = new Uint8Array(height * width);
  for (let i = 0; i < soft.length; i++) {
    const far = data[2 * i + 1];
    soft[i] = roundEven(255 * between(between(0, far, 1), 0.5 + 0.5 * data[2 * i], between(0, 1 + far, 1)));
  }
  return soft;
}

function leadOf({ data, channels }, chosen) {
  const out = new Float32Array(data.length / channels);
  for (let i = 0; i < out.length; i++) {
    let [mine, others] = [-Infinity, -Infinity];
    for (let c = 0; c < channels; c++)
      if (chosen.includes(c)) mine = Math.max(mine, data[i * channels + c]);
      else others = Math.max(others, data[i * channels + c]);
    out[i] = between(-FAR, mine - others, FAR);
  }
  return out;
}

/** Without regions, inside or outside, of less than `CRUMB` of the largest one inside. */
function tidy(inside, height, width) {
  const parent = areas(inside, height, width, false),
    size = new Int32Array(inside.length);
  let largest = 0;
  for (const root of parent) size[root]++;
  for (let i = 0; i < size.length; i++) if (inside[i]) largest = Math.max(largest, size[i]);
  return inside.map((value, i) => (size[parent[i]] < CRUMB * largest ? 1 - value : value));
}

/** Pixels to the border, positive inside. */
function signedDistance(inside, height, width) {
  const deep = distances(inside, 0, height, width),
    far = distances(inside, 1, height, width);
  return Float32Array.from(inside, (is, i) => (is ? Math.min(deep[i] - 0.5, FAR) : Math.max(0.5 - far[i], -FAR)));
}

/** Of each pixel the distance to the nearest one that has `value` (Felzenszwalb and Huttenlocher 2012). */
function distances(inside, value, height, width) {
  const squared = Float64Array.from(inside, (is) => (is === value ? 0 : 1e20));
  for (let x = 0; x < width; x++) transform(squared, x, width, height);
  for (let y = 0; y < height; y++) transform(squared, y * width, 1, width);
  return squared.map(Math.sqrt);
}

function transform(values, start, step, count) {
  const f = Float64Array.from({ length: count }, (_, i) => values[start + i * step]),
    at = new Int32Array(count),
    from = new Float64Array(count + 1);
  let k = 0;
  from[0] = -Infinity;
  from[1] = Infinity;
  for (let q = 1; q < count; q++) {
    let s;
    do s = (f[q] + q * q - f[at[k]] - at[k] * at[k]) / (2 * q - 2 * at[k]);
    while (s <= from[k] && --k >= 0);
    at[++k] = q;
    from[k] = s;
    from[k + 1] = Infinity;
  }
  for (let q = 0, j = 0; q < count; q++) {
    while (from[j + 1] < q) j++;
    values[start + q * step] = (q - at[j]) ** 2 + f[at[j]];
  }
}
