// A classifier as a file that Python reads: `TaughtSegmenter.save`, which is a ZIP of NumPy's arrays.

import { eyeOf, modelOf } from './engine.js';
import { crc } from './files.js';

const FORMAT = 1,
  FIRST_DAY = 33, // of 1980: a ZIP knows none before
  KINDS = { Uint8Array: '|u1', Float32Array: '<f4' };

/** `classifier`: see `engine/classifier.js`, and `counts` of its painted pixels; `corrects`: what the scripts of Teach say of a correction. */
export function taughtFile({ mean, deviation, weights, bias, counts }, names, palette, corrects) {
  const on = corrects && { corrects: { ...corrects, made_of: modelOf(corrects.task, corrects.model).made_of } },
    told = new TextEncoder().encode(JSON.stringify({ names, eye: eyeOf().made_of, painted: counts, ...on }));
  return zip({
    'format.npy': npy(Uint8Array.of(FORMAT), []),
    'told.npy': npy(told),
    'colors.npy': npy(Uint8Array.from(palette.flat()), [names.length, 3]),
    'mean.npy': npy(mean),
    'deviation.npy': npy(deviation),
    'weights.npy': npy(weights, [names.length, mean.length]),
    'bias.npy': npy(bias),
  });
}

/** NumPy's format 1.0, little-endian as all that browsers run on. */
function npy(array, shape = [array.length]) {
  const size = shape.length === 1 ? `(${shape},)` : `(${shape.join(', ')})`,
    told = `{'descr': '${KINDS[array.constructor.name]}', 'fortran_order': False, 'shape': ${size}, }`,
    head = `${told.padEnd(Math.ceil((told.length + 11) / 64) * 64 - 11)}\n`,
    out = new Uint8Array(10 + head.length + array.byteLength);
  out.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, head.length & 255, head.length >> 8]);
  out.set(new TextEncoder().encode(head), 10);
  out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 10 + head.length);
  return out;
}

/** A ZIP whose files, by name, are stored as they are. */
function zip(files) {
  const parts = [],
    listed = [],
    long = (all) => all.reduce((sum, part) => sum + part.length, 0);
  for (const [name, content] of Object.entries(files)) {
    const letters = new TextEncoder().encode(name),
      sizes = [content.length, 4, content.length, 4, letters.length, 2],
      about = little(20, 2, 0, 6, FIRST_DAY, 2, crc(content), 4, ...sizes, 0, 2);
    listed.push(little(0x02014b50, 4, 20, 2), about, little(0, 10, long(parts), 4), letters);
    parts.push(little(0x04034b50, 4), about, letters, content);
  }
  const count = Object.keys(files).length;
  return new Blob([...parts, ...listed, little(0x06054b50, 4, 0, 4, count, 2, count, 2, long(listed), 4, long(parts), 4, 0, 2)]);
}

/** Whole numbers, each followed by how many bytes it takes, the lowest first. */
function little(...pairs) {
  const bytes = [];
  for (let i = 0; i < pairs.length; i += 2) for (let k = 0; k < pairs[i + 1]; k++) bytes.push(Math.floor(pairs[i] / 256 ** k) % 256);
  return Uint8Array.from(bytes);
}
