// Colours as OpenCV has them in bytes of CIELAB, lightness first: its fixed point, number by number.

import { image, roundEven } from './numbers.js';

const BITS = 12,
  FINER = 15,
  STEPS = 8 * 255; // of linear light
const LIGHT = Int32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return roundEven(STEPS * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
});
const ROOTS = Int32Array.from({ length: 3072 }, (_, i) => {
  const x = i / STEPS;
  return roundEven(2 ** FINER * (x < 216 / 24389 ? (841 / 108) * x + 16 / 116 : Math.cbrt(x)));
});
// From linear red, green and blue to X, Y and Z over those of white.
const XYZ = [
  [0.412453 / 0.950456, 0.35758 / 0.950456, 0.180423 / 0.950456],
  [0.212671, 0.71516, 0.072169],
  [0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754],
].map((row) => row.map((part) => roundEven(part * 2 ** BITS)));

const shifted = (value, bits) => (value + (1 << (bits - 1))) >> bits;

/** A picture (h, w, 3) of bytes to float32. */
export function lab({ data, height, width }) {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [LIGHT[data[i]], LIGHT[data[i + 1]], LIGHT[data[i + 2]]],
      [x, y, z] = XYZ.map((row) => ROOTS[shifted(r * row[0] + g * row[1] + b * row[2], BITS)]);
    out[i] = shifted(296 * y - 1336934, FINER);
    out[i + 1] = shifted(500 * (x - y) + (128 << FINER), FINER);
    out[i + 2] = shifted(200 * (y - z) + (128 << FINER), FINER);
  }
  return image(out, height, width, 3);
}
