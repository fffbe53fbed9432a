// The worker in which the networks run: one request after the other, each answered with the same `id`.

import { image, roundEven } from './engine/numbers.js';
import { shrink } from './engine/resize.js';
import { boot, ready } from './engine/runtime.js';
import { segment, suggest, workingSize } from './engine/segment.js';

const HERE = self.location.href,
  beside = (name) => new URL(name, HERE).href;

/** (H, W, 3) bytes of ImageData; laid on white, for a canvas is transparent where a picture is. */
function opaque({ data, height, width }) {
  const out = new Uint8Array(height * width * 3);
  for (let i = 0, o = 0; o < out.length; i += 4, o += 3) {
    const alpha = data[i + 3];
    for (let c = 0; c < 3; c++) out[o + c] = alpha === 255 ? data[i + c] : Math.round((data[i + c] * alpha + 255 * (255 - alpha)) / 255);
  }
  return image(out, height, width, 3);
}

const WORK = {
  async segment({ picture, longest, larger, asked }) {
    const seen = shrink(opaque(picture), longest),
      { height, width } = seen;
    if (larger) {
      const factor = Math.min(larger, longest / Math.max(height, width));
      asked.drawn = [Math.max(roundEven(factor * height), 1), Math.max(roundEven(factor * width), 1)];
    }
    return { ...(await segment(seen, asked)), drawn: asked.drawn };
  },
  async suggest({ picture, longest, asked }) {
    return suggest(shrink(opaque(picture), longest), asked);
  },
  async ready({ network, size, pixels }) {
    await ready(network, ...workingSize(...size, pixels));
  },
};

let line = Promise.resolve();
self.onmessage = ({ data }) => {
  line = line.then(() => answer(data));
};

async function answer({ id, work, ...request }) {
  try {
    await boot(beside('litert.js'), beside('litert.wasm.bin'));
    const result = await WORK[work](request),
      moved = Object.values(result ?? {}).filter((value) => ArrayBuffer.isView(value));
    self.postMessage({ id, result }, [...new Set(moved.map((value) => value.buffer))]);
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
}
