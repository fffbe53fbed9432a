// A classifier as a file that Python reads: `TaughtSegmenter.save`, which is a ZIP of NumPy's arrays.

import { eyeOf, modelOf } from './engine.js';
import { zip } from './zip.js';

const FORMAT = 1,
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
