// Numbers as Python and OpenCV have them.

const NO_FRACTIONS = 1.5 * 2 ** 52; // a double of this size has none: adding it rounds

/** The nearest whole number; of two equally near ones the even, as Python's `round` and OpenCV's `cvRound`. */
export const roundEven = (value) => value + NO_FRACTIONS - NO_FRACTIONS;

export const between = (low, value, high) => Math.min(Math.max(value, low), high);

/** What may be resized: `data` of height * width * channels. */
export const image = (data, height, width, channels = data.length / (height * width)) => ({ data, height, width, channels });

/** The sum of the products of `count` numbers each, from `a[i]` and `b[j]` on. */
export function dot(a, i, b, j, count) {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += a[i + k] * b[j + k];
  return sum;
}
