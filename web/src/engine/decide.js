// Logits to a mask and its confidence: what `segdemo.inference.segmentation` does.

import { image } from './numbers.js';

/** The network's outputs as logits of the classes, over the temperature: of a binary task, one or three become two, of others these change in place. */
export function classLogits(outputs, task, temperature) {
  const { data, height, width, channels } = outputs,
    pixels = height * width,
    divisor = Math.fround(temperature);
  if (!task.countable && channels > 1) {
    for (let i = 0; i < data.length; i++) data[i] /= divisor;
    return outputs;
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
  MIXED = 255,
  STEPS = 64,
  EXPS = Float64Array.from({ length: -NOTHING * STEPS + 1 }, (_, i) => Math.exp(-i / STEPS));

/** exp of NOTHING to 0, to float32: the nearest step's, times the first terms of the series for the rest. */
function exp(value) {
  const step = (0.5 - value * STEPS) | 0,
    rest = value + step / STEPS;
  return EXPS[step] * (1 + rest * (1 + rest / 2));
}

/** Of each target place the two that it lies between, and how far from the first. */
function between(from, to) {
  const low = new Int32Array(to),
    high = new Int32Array(to),
    part = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    low[i] = Math.floor(place);
    high[i] = Math.min(low[i] + 1, from - 1);
    part[i] = place - low[i];
  }
  return { low, high, part };
}

/**
 * Resizes the logits, never the mask, and decides: the most probable class of each pixel and, if wanted, its probability.
 *
 * Rounds as NumPy does down and OpenCV across: where an int8 network finds two classes alike, the last bit decides.
 */
export function labels(logits, height, width, sure = true) {
  const mask = new Uint8Array(height * width),
    confidence = sure ? new Float32Array(height * width) : null,
    { data, channels } = logits,
    y = between(logits.height, height),
    x = between(logits.width, width),
    best = sure ? null : likeliest(logits),
    mixed = new Float32Array(logits.width * channels),
    alike = new Uint8Array(logits.width),
    pixel = new Float32Array(channels);
  for (let row = 0, i = 0; row < height; row++) {
    const part = y.part[row],
      rest = Math.fround(1 - part),
      above = y.low[row] * logits.width,
      below = part ? y.high[row] * logits.width : above;
    const line = part ? mixed : data.subarray(above * channels, (above + logits.width) * channels);
    if (!sure) for (let k = 0; k < alike.length; k++) alike[k] = best[above + k] === best[below + k] ? best[above + k] : MIXED;
    for (let column = 0, k = 0, a = above * channels, b = below * channels; part && column < alike.length; column++) {
      const end = k + channels;
      if (!sure && alike[column] !== MIXED && alike[column] === alike[column - 1] && alike[column] === alike[column + 1]) k = end; // nobody asks
      for (; k < end; k++) mixed[k] = Math.fround(Math.fround(data[a + k] * rest) + Math.fround(data[b + k] * part));
    }
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
        const value = (pixel[c] = right ? Math.fround(line[a + c] + Math.fround(line[b + c] - line[a + c]) * right) : line[a + c]);
        if (value > most) {
          most = value;
          id = c;
        }
      }
      mask[i] = id;
      if (sure) confidence[i] = 1 / oddsOf(pixel, most);
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

function oddsOf(values, most) {
  let sum = 0;
  for (let c = 0; c < values.length; c++) {
    const shifted = values[c] - most;
    if (shifted > NOTHING) sum += exp(shifted);
  }
  return sum;
}

/** Shannon's entropy of the class probabilities over that of a guess, at the size of the logits. */
export function entropy({ data, height, width, channels }) {
  const out = new Float32Array(height * width),
    guess = Math.log(channels);
  for (let i = 0; i < out.length; i++) {
    let best = -Infinity,
      total = 0,
      mixed = 0;
    for (let c = 0; c < channels; c++) best = Math.max(best, data[i * channels + c]);
    for (let c = 0; c < channels; c++) {
      const shifted = data[i * channels + c] - best,
        odds = shifted > NOTHING ? exp(shifted) : 0;
      total += odds;
      mixed += odds * shifted;
    }
    out[i] = (Math.log(total) - mixed / total) / guess;
  }
  return image(out, height, width, 1);
}
