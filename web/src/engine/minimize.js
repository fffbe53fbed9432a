// L-BFGS (Liu and Nocedal 1989): the least of a smooth function of many numbers, from its slopes alone.

import { dot } from './numbers.js';

const REMEMBERED = 10, // steps
  FLAT = 1e-5, // a slope at which it ends, as SciPy does
  ENOUGH = 1e-4; // of the descent that the slope promises

const product = (a, b) => dot(a, 0, b, 0, a.length);

/** Where `f(x)`, which gives [value, slope], is least, from `x` on; all are Float64Array. */
export function minimize(f, x, rounds) {
  const past = []; // { step, turn, curve } of the latest steps, the newest first
  let [value, slope] = f(x);
  for (let round = 0; round < rounds && slope.some((each) => Math.abs(each) > FLAT); round++) {
    const way = direction(slope, past),
      promised = product(slope, way);
    let length = round ? 1 : Math.min(1, 1 / Math.sqrt(product(slope, slope))),
      next;
    do {
      next = x.map((each, i) => each + length * way[i]);
      next.found = f(next);
      length /= 2;
    } while (next.found[0] > value + 2 * length * ENOUGH * promised && length > 1e-12);
    const step = next.map((each, i) => each - x[i]),
      turn = next.found[1].map((each, i) => each - slope[i]),
      curve = product(step, turn);
    if (curve > 0) past.unshift({ step, turn, curve });
    past.length = Math.min(past.length, REMEMBERED);
    x = next;
    [value, slope] = next.found;
  }
  return x;
}

/** Down the slope, turned and stretched by what the latest steps tell of the curvature. */
function direction(slope, past) {
  const way = slope.map((each) => -each),
    shares = past.map(({ step, turn, curve }) => {
      const share = product(step, way) / curve;
      way.forEach((_, i) => (way[i] -= share * turn[i]));
      return share;
    });
  if (past.length) {
    const scale = past[0].curve / product(past[0].turn, past[0].turn);
    way.forEach((_, i) => (way[i] *= scale));
  }
  past
    .map((each, k) => [each, shares[k]])
    .reverse()
    .forEach(([{ step, turn, curve }, share]) => {
      const rest = share - product(turn, way) / curve;
      way.forEach((_, i) => (way[i] += rest * step[i]));
    });
  return way;
}
