// Where a correction begins: another network's scores, on top of which strokes are learned; see `segdemo.teaching.correction`.

import { classLogits } from './decide.js';
import { image } from './numbers.js';
import { located, outputs } from './segment.js';

const LEAST = -5; // a log-probability: what is corrected is never surer than that

/** A map of the logarithms of the class probabilities; `asked`: see `segment`. */
export async function logOdds(picture, asked) {
  const said = await outputs(picture, asked, await located(picture, asked)),
    { data, height, width, channels } = classLogits(said, asked.task, asked.temperature);
  for (let at = 0; at < data.length; at += channels) {
    const pixel = data.subarray(at, at + channels),
      most = Math.max(...pixel),
      sum = Math.log(pixel.reduce((all, value) => all + Math.exp(value - most), 0));
    for (let c = 0; c < channels; c++) pixel[c] = Math.max(pixel[c] - most - sum, LEAST);
  }
  return { ...image(data, height, width, channels), over: [height, width] };
}

/** Of all its classes those that are taught, by their ids; a new one, null, begins as what it is sure is not there. */
export function startOf({ data, height, width, channels, over }, ids) {
  const out = new Float32Array(height * width * ids.length);
  for (let i = 0; i < out.length; i++) {
    const id = ids[i % ids.length];
    out[i] = id === null ? LEAST : data[Math.floor(i / ids.length) * channels + id];
  }
  return { ...image(out, height, width, ids.length), over };
}
