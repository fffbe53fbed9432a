// Where several models say the same of one picture; see `segdemo.analysis.agreement`.

import { image } from './numbers.js';
import { resize } from './resize.js';

/** `masks`: one a model. The share on which all agree, that of each two, and how many different answers each pixel has. */
export function compareMasks(masks) {
  const pixels = masks[0].length,
    answers = new Uint8Array(pixels),
    pairs = [];
  let everywhere = 0;
  for (let i = 0; i < pixels; i++) {
    answers[i] = new Set(masks.map((mask) => mask[i])).size;
    everywhere += answers[i] === 1;
  }
  for (let a = 0; a < masks.length; a++)
    for (let b = a + 1; b < masks.length; b++) {
      let same = 0;
      for (let i = 0; i < pixels; i++) same += masks[a][i] === masks[b][i];
      pairs.push([a, b, same / pixels]);
    }
  return { everywhere: everywhere / pixels, pairs, answers };
}

/** Dark grey where all agree, the lighter the more answers there are. */
export function disagreement(picture, answers, height, width) {
  const { data } = resize(picture, height, width),
    out = new Uint8ClampedArray(height * width * 4).fill(255);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const row = Math.floor(((y + 0.5) * picture.height) / height),
        column = Math.floor(((x + 0.5) * picture.width) / width),
        grey = ((data[3 * i] + data[3 * i + 1] + data[3 * i + 2]) / 3) * 0.35,
        shown = [grey, 165, 255][Math.min(answers[row * picture.width + column], 3) - 1];
      for (let c = 0; c < 3; c++) out[4 * i + c] = shown;
    }
  return image(out, height, width, 4);
}
