// Probabilities along the edges of the picture: the guided filter (He, Sun, Tang 2010); see `segdemo.teaching.edges`.

import { image } from './numbers.js';

const RADIUS = 12,
  SIDE = 2 * RADIUS + 1,
  EDGE = 1e-3,
  LEAST = 1e-6;

/** Logits (h, w, C) to such whose probabilities change where the lightness (h, w) of 0 to 1 does, and hardly elsewhere. */
export function alongEdges({ data, height, width, channels }, lightness) {
  const pixels = height * width,
    out = new Float32Array(data.length),
    planes = Array.from({ length: channels - 1 }, () => new Float32Array(pixels));
  for (let i = 0, at = 0; i < pixels; i++, at += channels) {
    let most = -Infinity,
      sum = 0;
    for (let c = 0; c < channels; c++) most = Math.max(most, data[at + c]);
    for (let c = 0; c < channels; c++) sum += out[at + c] = Math.exp(data[at + c] - most);
    for (let c = 1; c < channels; c++) planes[c - 1][i] = out[at + c] / sum;
  }
  out.fill(0);
  guided(planes, lightness, height, width).forEach((plane, c) => {
    for (let i = 0; i < pixels; i++) {
      out[i * channels + c + 1] = plane[i];
      out[i * channels] += plane[i];
    }
  });
  for (let i = 0; i < out.length; i++) out[i] = Math.log(Math.max(i % channels ? out[i] : 1 - out[i], LEAST)); // as they were one in all, so they are again
  return image(out, height, width, channels);
}

/** Any (h, w, C), each channel filtered. */
export function changesAlongEdges({ data, height, width, channels }, lightness) {
  const out = new Float32Array(data.length),
    planes = Array.from({ length: channels }, (_, c) => Float32Array.from({ length: height * width }, (_, i) => data[i * channels + c]));
  guided(planes, lightness, height, width).forEach((plane, c) => plane.forEach((value, i) => (out[i * channels + c] = value)));
  return image(out, height, width, channels);
}

/** Each plane (h, w) filtered along the edges of the lightness. */
function guided(planes, lightness, height, width) {
  const mean = (plane) => meanAround(plane, height, width),
    times = (a, b) => a.map((value, i) => value * b[i]),
    middle = mean(lightness),
    spread = mean(times(lightness, lightness)).map((value, i) => value - middle[i] ** 2 + EDGE);
  return planes.map((plane) => {
    const own = mean(plane),
      slope = mean(times(plane, lightness)).map((value, i) => (value - own[i] * middle[i]) / spread[i]),
      rest = mean(own.map((value, i) => value - slope[i] * middle[i]));
    return times(mean(slope), lightness).map((value, i) => value + rest[i]);
  });
}

/** Over the square around each pixel; beyond a border lies its mirror image. */
function meanAround(plane, height, width) {
  const across = new Float64Array(plane.length),
    out = new Float32Array(plane.length),
    sums = new Float64Array(width),
    mirror = (k, count) => (k < 0 ? -k : k >= count ? 2 * count - 2 - k : k);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let sum = 0;
    for (let k = -RADIUS; k <= RADIUS; k++) sum += plane[row + mirror(k, width)];
    for (let x = 0; x < width; x++) {
      across[row + x] = sum;
      if (x < width - 1) sum += plane[row + mirror(x + RADIUS + 1, width)] - plane[row + mirror(x - RADIUS, width)];
    }
  }
  for (let k = -RADIUS; k <= RADIUS; k++) for (let x = 0; x < width; x++) sums[x] += across[mirror(k, height) * width + x];
  for (let y = 0; y < height; y++) {
    const [next, last] = [y + RADIUS + 1, y - RADIUS].map((k) => mirror(k, height) * width);
    for (let x = 0; x < width; x++) {
      out[y * width + x] = sums[x] / SIDE ** 2;
      if (y < height - 1) sums[x] += across[next + x] - across[last + x];
    }
  }
  return out;
}
