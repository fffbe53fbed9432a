// Numbers as Python and OpenCV have them.

const NO_FRACTIONS = 1.5 * 2 ** 52; // a double of this size has none: adding it rounds

/** The nearest whole number; of two equally near ones the even, as Python's `round` and OpenCV's `cvRound`. */
export const roundEven = (value) => value + NO_FRACTIONS - NO_FRACTIONS;

export const between = (low, value, high) => Math.min(Math.max(value, low), high);

/** What may be resized: `data` of height * width * channels. */
export const image = (data, height, width, channels = data.length / (height * width)) => ({ data, height, width, channels });
