// OpenCV's ways to resize, so that a network sees here what it sees in Python.

import { between, image, roundEven } from './numbers.js';

/** As `segmentation.resize`: area means when shrinking, bilinear when enlarging. */
export function resize(source, height, width) {
  if (source.height === height && source.width === width) return source;
  return height * width < source.height * source.width ? byArea(source, height, width) : linear(source, height, width);
}

/** With no side over `longest`, for display; see `images.shrink`. */
export function shrink(picture, longest) {
  const factor = longest / Math.max(picture.height, picture.width);
  if (!longest || factor >= 1) return picture;
  return byArea(picture, ...[picture.height, picture.width].map((side) => Math.max(roundEven(side * factor), 1)));
}

/** INTER_AREA of bytes, or of float32 (then without rounding). It adds in float32, as OpenCV: an int8 network tells one byte in a million. */
export function byArea(source, height, width) {
  if (source.height === height && source.width === width) return source;
  const { data, channels } = source,
    whole = data instanceof Uint8Array,
    across = source.width / width,
    down = source.height / height;
  if (across < 1 || down < 1) return linear(source, height, width, true);
  const out = new data.constructor(height * width * channels),
    row = new Float32Array(width * channels),
    sum = new Float32Array(width * channels),
    [starts, parts] = shares(source.width, width),
    [tops, weights] = shares(source.height, height),
    quarter = across === 2 && down === 2 && whole; // OpenCV adds and shifts: a half is rounded up
  let reduced = -1; // the last of one row is often the first of the next
  for (let y = 0; y < height; y++) {
    sum.fill(0);
    for (let k = 0; k < weights[y].length; k++) {
      if (tops[y] + k !== reduced) reduceRow(data, (tops[y] + k) * source.width * channels, row, starts, parts, channels);
      reduced = tops[y] + k;
      const weight = weights[y][k];
      for (let i = 0; i < sum.length; i++) sum[i] += Math.fround(weight * row[i]);
    }
    const to = y * sum.length;
    if (!whole) out.set(sum, to);
    else if (quarter) for (let i = 0; i < sum.length; i++) out[to + i] = Math.floor(sum[i] + 0.5);
    else for (let i = 0; i < sum.length; i++) out[to + i] = roundEven(sum[i]);
  }
  return image(out, height, width, channels);
}

function reduceRow(data, start, row, starts, parts, channels) {
  for (let x = 0, o = 0; x < starts.length; x++, o += channels) {
    const some = parts[x];
    let from = start + starts[x] * channels;
    if (channels === 3) {
      let r = 0,
        g = 0,
        b = 0;
      for (let k = 0; k < some.length; k++, from += 3) {
        const part = some[k];
        r = Math.fround(r + Math.fround(part * data[from]));
        g = Math.fround(g + Math.fround(part * data[from + 1]));
        b = Math.fround(b + Math.fround(part * data[from + 2]));
      }
      row[o] = r;
      row[o + 1] = g;
      row[o + 2] = b;
      continue;
    }
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < some.length; k++) sum += some[k] * data[from + k * channels + c];
      row[o + c] = sum;
    }
  }
}

/** Of each target pixel the first source pixel that it covers, and how much of it is of this one and of those that follow. */
function shares(from, to) {
  const scale = from / to,
    starts = new Int32Array(to),
    parts = [];
  for (let x = 0; x < to; x++) {
    const begin = x * scale,
      end = begin + scale,
      cell = Math.min(scale, from - begin),
      some = [];
    const last = Math.min(Math.floor(end), from - 1),
      first = Math.min(Math.ceil(begin), last);
    starts[x] = first;
    if (first - begin > 1e-3) {
      starts[x] = first - 1;
      some.push(Math.fround((first - begin) / cell));
    }
    for (let i = first; i < last; i++) some.push(Math.fround(1 / cell));
    if (end - last > 1e-3) some.push(Math.fround(Math.min(end - last, 1, cell) / cell));
    parts.push(Float32Array.from(some));
  }
  return [starts, parts];
}

/** Of each target pixel the left of the two source pixels that it is mixed of, and the other's part; `over` of the source lie under the target. */
export function places(from, to, across = true, area = false, over = from) {
  const scale = over / to,
    low = new Int32Array(to),
    high = new Int32Array(to),
    part = new Float32Array(to);
  for (let x = 0; x < to; x++) {
    let place = (x + 0.5) * scale - 0.5,
      left = Math.floor(place);
    part[x] = Math.fround(place) - left;
    if (area) {
      left = Math.floor(x * scale);
      place = Math.fround(x + 1 - (left + 1) / scale);
      part[x] = place <= 0 ? 0 : place - Math.floor(place);
    }
    if (across && (left < 0 || left >= from - 1)) part[x] = 0; // down, OpenCV mixes the last row with itself, which rounds otherwise
    low[x] = between(0, left, from - 1);
    high[x] = between(0, left + 1, from - 1);
  }
  return { low, high, part };
}

/** INTER_LINEAR: of bytes with weights of eleven bits, of float32 without rounding; `over` [rows, columns] of the source lie under the target. */
export function linear(source, height, width, area = false, over = [source.height, source.width]) {
  const { data, channels } = source,
    whole = data instanceof Uint8Array,
    x = places(source.width, width, true, area, over[1]),
    y = places(source.height, height, false, area, over[0]),
    lines = whole ? Int32Array : Float32Array,
    out = new data.constructor(height * width * channels),
    kept = new Map();
  const line = (row) => {
    if (!kept.has(row)) {
      if (kept.size > 1) kept.delete(Math.min(...kept.keys()));
      const made = new lines(width * channels),
        start = row * source.width * channels;
      for (let i = 0, o = 0; i < width; i++) {
        const a = start + x.low[i] * channels,
          b = start + x.high[i] * channels,
          right = whole ? roundEven(x.part[i] * 2048) : x.part[i],
          left = whole ? roundEven((1 - x.part[i]) * 2048) : 1 - x.part[i];
        for (let c = 0; c < channels; c++, o++) made[o] = left * data[a + c] + right * data[b + c];
      }
      kept.set(row, made);
    }
    return kept.get(row);
  };
  for (let row = 0; row < height; row++) {
    const above = line(y.low[row]),
      below = line(y.high[row]),
      to = row * width * channels;
    if (whole) {
      const lower = roundEven(y.part[row] * 2048),
        upper = roundEven((1 - y.part[row]) * 2048);
      for (let i = 0; i < above.length; i++) out[to + i] = between(0, (((upper * (above[i] >> 4)) >> 16) + ((lower * (below[i] >> 4)) >> 16) + 2) >> 2, 255);
    } else {
      const part = y.part[row];
      for (let i = 0; i < above.length; i++) out[to + i] = above[i] * (1 - part) + below[i] * part;
    }
  }
  return image(out, height, width, channels);
}

/** INTER_NEAREST_EXACT. */
export function nearest({ data, height: h, width: w }, height, width) {
  const out = new data.constructor(height * width),
    across = Int32Array.from({ length: width }, (_, x) => Math.floor(((2 * x + 1) * w) / (2 * width)));
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(((2 * y + 1) * h) / (2 * height)) * w;
    for (let x = 0; x < width; x++, i++) out[i] = data[row + across[x]];
  }
  return image(out, height, width, 1);
}

/** (height, width, 3) of a part of a picture; bottom and right are the first outside. */
export function crop({ data, width, channels }, top, bottom, left, right) {
  const wide = (right - left) * channels,
    out = new data.constructor((bottom - top) * wide);
  for (let y = top; y < bottom; y++) {
    const start = (y * width + left) * channels;
    out.set(data.subarray(start, start + wide), (y - top) * wide);
  }
  return image(out, bottom - top, right - left, channels);
}
