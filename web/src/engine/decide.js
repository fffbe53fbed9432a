// Logits to a mask and its confidence: what `segdemo.inference.segmentation` does.

import { image } from './numbers.js';
import { places } from './resize.js';

/** The network's outputs as logits of the classes, over the temperature: of a binary task, one or three become two. */
export function classLogits({ data, height, width, channels }, task, temperature) {
  const pixels = height * width,
    divisor = Math.fround(temperature);
  if (!task.countable && channels > 1) {
    const out = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) out[i] = data[i] / divisor;
    return image(out, height, width, channels);
  }
  const out = new Float32Array(2 * pixels);
  for (let i = 0; i < pixels; i++) {
    if (task.countable) {
      out[2 * i] = data[3 * i] / divisor;
      out[2 * i + 1] = Math.fround(logAddExp(data[3 * i + 1], data[3 * i + 2])) / divisor;
    } else out[2 * i + 1] = data[i] / divisor; // a sigmoid is a softmax over (0, logit)
  }
  return image(out, height, width, 2);
}

export function logAddExp(a, b) {
  const high = Math.max(a, b);
  return high + Math.log1p(Math.exp(-Math.abs(a - b)));
}

const NOTHING = -25, // a logit so far below the best adds less to the sum than float32 can tell
  MIXED = 255;

/** Resizes the logits, never the mask, and decides: the most probable class of each pixel and, if wanted, its probability. */
export function labels(logits, height, width, sure = true) {
  const mask = new Uint8Array(height * width),
    confidence = sure ? new Float32Array(height * width) : null,
    { data, channels } = logits,
    y = places(logits.height, height),
    x = places(logits.width, width),
    best = likeliest(logits),
    line = new Float32Array(logits.width * channels),
    alike = new Uint8Array(logits.width),
    pixel = new Float32Array(channels);
  for (let row = 0, i = 0; row < height; row++) {
    const part = y.part[row],
      above = y.low[row] * logits.width,
      below = part ? y.high[row] * logits.width : above;
    for (let k = 0, a = above * channels, b = below * channels; k < line.length; k++) line[k] = data[a + k] * (1 - part) + data[b + k] * part;
    for (let k = 0; k < alike.length; k++) alike[k] = best[above + k] === best[below + k] ? best[above + k] : MIXED;
    for (let column = 0; column < width; column++, i++) {
      const low = x.low[column],
        high = x.high[column];
      if (!sure && alike[low] === alike[high] && alike[low] !== MIXED) {
        mask[i] = alike[low]; // what is the likeliest in all four corners is so between them
        continue;
      }
      const right = x.part[column],
        a = low * channels,
        b = high * channels;
      let most = -Infinity,
        id = 0;
      for (let c = 0; c < channels; c++) {
        const value = (pixel[c] = line[a + c] * (1 - right) + line[b + c] * right);
        if (value > most) {
          most = value;
          id = c;
        }
      }
      mask[i] = id;
      if (sure) confidence[i] = 1 / oddsOf(pixel, 0, channels, most);
    }
  }
  return { mask, confidence };
}

function likeliest({ data, height, width, channels }) {
  const best = new Uint8Array(height * width);
  for (let i = 0, at = 0; i < best.length; i++, at += channels) {
    let id = 0;
    for (let c = 1; c < channels; c++) if (data[at + c] > data[at + id]) id = c;
    best[i] = id;
  }
  return best;
}

function oddsOf(values, at, channels, most) {
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    const shifted = values[at + c] - most;
    if (shifted > NOTHING) sum += Math.exp(shifted);
  }
  return sum;
}

/** Shannon's entropy of the class probabilities over that of a guess, at the size of the logits. */
export function entropy({ data, height, width, channels }) {
  const out = new Float32Array(height * width);
  for (let i = 0; i < out.length; i++) {
    let best = -Infinity,
      total = 0,
      mixed = 0;
    for (let c = 0; c < channels; c++) best = Math.max(best, data[i * channels + c]);
    for (let c = 0; c < channels; c++) {
      const shifted = data[i * channels + c] - best,
        odds = shifted > NOTHING ? Math.exp(shifted) : 0;
      total += odds;
      mixed += odds * shifted;
    }
    out[i] = (Math.log(total) - mixed / total) / Math.log(channels);
  }
  return image(out, height, width, 1);
}
