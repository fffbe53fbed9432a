// What frozen networks see in a picture, as maps that a classifier reads; see `segdemo.teaching.features`.

import { lab } from './lab.js';
import { between, image } from './numbers.js';
import { byArea, linear, resize } from './resize.js';
import { logits, outputsOf } from './runtime.js';
import { workingSize } from './segment.js';

const PIXELS = 640 * 480,
  COARSER = 4,
  SCALED = Float32Array.from({ length: 256 }, (_, byte) => (byte - 127) / 128); // as the backbone wants a byte

/**
 * A picture (H, W, 3) of bytes as it is learned from: { height, width, lightness, maps }, at the size at which it is looked at. A map is an image of which
 * `over` [rows, columns] lie over the picture, with the `means` of each channel and of its squares. `eye`: see `catalog.eye_facts`.
 */
export async function look(picture, { backbone, networks }) {
  const seen = resize(picture, ...workingSize(picture.height, picture.width, PIXELS)),
    { height, width } = seen,
    maps = [mapOf(lab(seen), [height, width])],
    given = await outputsOf(backbone, seen, SCALED);
  for (const [values, [, h, w, channels]] of given.sort((a, b) => b[1][1] - a[1][1])) {
    const stride = 2 ** Math.ceil(Math.log2(Math.max(height / h, 1)));
    maps.push(mapOf(image(values, h, w, channels), [height / stride, width / stride]));
  }
  for (const { network, pixels } of networks) {
    const scores = await logits(network, resize(seen, ...workingSize(height, width, pixels))),
      size = [scores.height, scores.width].map((side) => Math.max(Math.floor(side / COARSER), 1));
    maps.push(mapOf(byArea(scores, ...size), size));
  }
  return { height, width, maps, lightness: Float32Array.from({ length: height * width }, (_, i) => maps[0].data[3 * i] / 255) };
}

function mapOf(values, over) {
  const { data, channels } = values,
    means = [new Float64Array(channels), new Float64Array(channels)];
  for (let i = 0; i < data.length; i++) {
    means[0][i % channels] += data[i];
    means[1][i % channels] += data[i] * data[i];
  }
  return { ...values, over, means: means.map((sums) => sums.map((sum) => (sum * channels) / data.length)) };
}

export const channelsOf = (maps) => maps.reduce((sum, { channels }) => sum + channels, 0);

/** (N, D) at places in shares of the picture's sides, y and x (N,), between the cells bilinearly; the maps' channels follow one another. */
export function featuresAt(maps, y, x) {
  const wide = channelsOf(maps),
    out = new Float32Array(y.length * wide);
  let first = 0;
  for (const map of maps) {
    const { data, channels } = map;
    for (let n = 0; n < y.length; n++) {
      const row = between(0, Math.fround(y[n] * map.over[0]) - 0.5, map.height - 1),
        column = between(0, Math.fround(x[n] * map.over[1]) - 0.5, map.width - 1),
        down = row % 1,
        along = column % 1,
        above = (Math.floor(row) * map.width + Math.floor(column)) * channels,
        right = along ? channels : 0,
        below = down ? map.width * channels : 0,
        to = n * wide + first;
      for (let c = 0; c < channels; c++) {
        const upper = data[above + c] * (1 - along) + data[above + right + c] * along,
          lower = data[above + below + c] * (1 - along) + data[above + below + right + c] * along;
        out[to + c] = upper * (1 - down) + lower * down;
      }
    }
    first += channels;
  }
  return out;
}

/** Adds to `total` (height, width, C) what a map says, enlarged over the picture. */
export function addEnlarged(total, map) {
  const { height, width } = total,
    same = map.height === height && map.width === width && map.over[0] === height && map.over[1] === width,
    { data } = same ? map : linear(map, height, width, false, map.over);
  for (let i = 0; i < data.length; i++) total.data[i] += data[i];
}
