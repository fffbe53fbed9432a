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

const NOTHING = -17, // a logit so far below the best adds less to the sum than float32 can tell
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
 * Resizes the logits, never the mask, and decides: the most probable class of each pixel and its probability; if wanted,
 * Shannon's entropy of all its probabilities, too, over that of a guess.
 *
 * Rounds as NumPy does down and OpenCV across: where an int8 network finds two classes alike, the last bit decides.
 */
export function labels(logits, height, width, wanted = false) {
  const mask = new Uint8Array(height * width),
    confidence = new Float32Array(height * width),
    entropy = wanted ? new Float32Array(height * width) : null,
    { data, channels } = logits,
    guess = Math.log(channels),
    y = between(logits.height, height),
    x = between(logits.width, width),
    mixed = new Float32Array(logits.width * channels),
    pixel = new Float32Array(channels);
  for (let row = 0, i = 0; row < height; row++) {
    const part = y.part[row],
      rest = Math.fround(1 - part),
      above = y.low[row] * mixed.length,
      below = y.high[row] * mixed.length,
      line = part ? mixed : data.subarray(above, above + mixed.length);
    for (let k = 0; part && k < mixed.length; k++) mixed[k] = Math.fround(Math.fround(data[above + k] * rest) + Math.fround(data[below + k] * part));
    for (let column = 0; column < width; column++, i++) {
      const right = x.part[column],
        a = x.low[column] * channels,
        b = x.high[column] * channels;
      let most = -Infinity,
        id = 0;
      for (let c = 0; c < channels; c++) {
        const value = (pixel[c] = right ? Math.fround(line[a + c] + Math.fround(line[b + c] - line[a + c]) * right) : line[a + c]);
        if (value > most) {
          most = value;
          id = c;
        }
      }
      let total = 0,
        weighed = 0;
      for (let c = 0; c < channels; c++) {
        const shifted = pixel[c] - most;
        if (shifted <= NOTHING) continue;
        const odds = exp(shifted);
        total += odds;
        weighed += odds * shifted;
      }
      mask[i] = id;
      confidence[i] = 1 / total;
      if (wanted) entropy[i] = (Math.log(total) - weighed / total) / guess;
    }
  }
  return { mask, confidence, entropy };
}

/** The mask of `labels` alone: what is the likeliest in all four corners is so between them, and only the other pixels are mixed. */
export function maskOf(logits, height, width) {
  const mask = new Uint8Array(height * width),
    { data, channels } = logits,
    best = likeliest(logits),
    y = between(logits.height, height),
    x = between(logits.width, width),
    unlike = new Int32Array(width); // the columns whose corners differ
  let count = 0;
  for (let row = 0, to = 0; row < height; row++, to += width) {
    const part = y.part[row],
      rest = Math.fround(1 - part),
      above = y.low[row] * logits.width,
      below = (part ? y.high : y.low)[row] * logits.width,
      [upper, lower] = [above * channels, below * channels],
      mixed = (k) => (part ? Math.fround(Math.fround(data[upper + k] * rest) + Math.fround(data[lower + k] * part)) : data[upper + k]);
    if (row && part && y.part[row - 1] && y.low[row] === y.low[row - 1]) mask.copyWithin(to, to - width, to);
    else {
      count = 0;
      for (let column = 0; column < width; column++) {
        const low = x.low[column],
          high = x.high[column],
          id = best[above + low];
        mask[to + column] = id;
        if (best[above + high] !== id || best[below + low] !== id || best[below + high] !== id) unlike[count++] = column;
      }
    }
    for (let n = 0; n < count; n++) {
      const column = unlike[n],
        right = x.part[column],
        a = x.low[column] * channels,
        b = x.high[column] * channels;
      let most = -Infinity;
      for (let c = 0; c < channels; c++) {
        const left = mixed(a + c),
          value = right ? Math.fround(left + Math.fround(mixed(b + c) - left) * right) : left;
        if (value > most) {
          most = value;
          mask[to + column] = c;
        }
      }
    }
  }
  return mask;
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
