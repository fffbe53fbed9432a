// LiteRT, one thread: compressed networks from files beside the page, run at any size.

import { Tensor, loadAndCompile, loadLiteRt } from '@litertjs/core';
import { reach } from '../reach.js';
import { image } from './numbers.js';

const KEPT = 4, // compiled networks, each with the memory of one size
  KEPT_FILES = 4,
  KEPT_PIXELS = 900_000;
// As Python computes it, in float32: every byte lies exactly between two levels of an int8 network.
const SCALED = Float32Array.from({ length: 256 }, (_, byte) => Math.fround(Math.fround(byte * Math.fround(1 / 127.5)) - 1));

let booted;
const files = new Map(), // name -> its bytes, the latest used last
  compiled = new Map();

/** A gzip file beside the page. */
export async function inflated(address) {
  const response = await reach(address);
  return new Response(response.body.pipeThrough(new DecompressionStream('gzip')));
}

/** Starts LiteRT once; `glue` and `wasm` are addresses. What failed is tried again the next time. */
export function boot(glue, wasm) {
  booted ??= started(glue, wasm).catch((error) => {
    booted = undefined;
    throw error;
  });
  return booted;
}

async function started(glue, wasm) {
  const bytes = await (await inflated(wasm)).arrayBuffer();
  self.Module = {
    printErr: (line) => /^(INFO|WARNING)/.test(line) || console.error(line),
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(bytes, imports).then(({ instance, module }) => done(instance, module));
      return {};
    },
  };
  await loadLiteRt(glue);
}

/** `make(key)`, made once; of those kept the one used longest ago goes when there are too many. */
async function kept(map, key, most, make, drop = () => {}) {
  const found = map.get(key) ?? (await make());
  map.delete(key);
  map.set(key, found);
  while (map.size > most) {
    const [oldest, value] = map.entries().next().value;
    map.delete(oldest);
    drop(value);
  }
  return found;
}

/** A file that `segdemo static` wrote: int32 multiple, count, then (offset, axis, stride) of each place that holds a size, then the network. */
const network = (address) =>
  kept(files, address, KEPT_FILES, async () => {
    const bytes = await (await inflated(address)).arrayBuffer(),
      [multiple, count] = new Int32Array(bytes, 0, 2);
    return { multiple, places: new Int32Array(bytes, 8, 3 * count), content: new Uint8Array(bytes, 8 + 12 * count) };
  });

async function sized(address, height, width) {
  const { places, content } = await network(address),
    written = content.slice(),
    view = new DataView(written.buffer);
  for (let i = 0; i < places.length; i += 3) view.setInt32(places[i], Math.floor([height, width][places[i + 1]] / places[i + 2]), true);
  return { model: await loadAndCompile(written, { accelerator: 'wasm' }), pixels: height * width };
}

const drop = ({ model }) => model.delete();

/** The network for padded pictures of a size. */
function ofSize(address, height, width) {
  const key = `${address} ${height}x${width}`,
    pixels = () => [...compiled].reduce((sum, [other, { pixels }]) => sum + (other === key ? 0 : pixels), height * width);
  if (!compiled.has(key))
    while (compiled.size && pixels() > KEPT_PIXELS) {
      const [oldest, value] = compiled.entries().next().value;
      compiled.delete(oldest);
      drop(value);
    }
  return kept(compiled, key, KEPT, () => sized(address, height, width), drop);
}

/** Fetches and compiles what the first picture of a size would wait for. */
export async function ready(address, height, width) {
  const { multiple } = await network(address);
  await ofSize(address, padded(height, multiple), padded(width, multiple));
}

const padded = (side, multiple) => Math.ceil(side / multiple) * multiple;

/** Any output of a network of any size, for a picture (h, w, 3) of bytes, padded: as `run` gives them; `numbers` is what each byte becomes. */
export async function outputsOf(address, picture, numbers) {
  const { multiple } = await network(address),
    height = padded(picture.height, multiple),
    width = padded(picture.width, multiple),
    { model } = await ofSize(address, height, width),
    values = new Float32Array(height * width * 3),
    wide = picture.width * 3;
  for (let y = 0; y < picture.height; y++) for (let x = 0, from = y * wide, to = y * width * 3; x < wide; x++) values[to + x] = numbers[picture.data[from + x]];
  return run(model, values, [1, height, width, 3]);
}

/** A picture (h, w, 3) of bytes to logits (h, w, C) float32. */
export async function logits(address, picture) {
  const [[values, [, h, w, channels]]] = await outputsOf(address, picture, SCALED),
    tall = Math.min(h, picture.height),
    across = Math.min(w, picture.width);
  if (across < w) for (let y = 1; y < tall; y++) values.copyWithin(y * across * channels, y * w * channels, (y * w + across) * channels);
  return image(values.subarray(0, tall * across * channels), tall, across, channels);
}

/** Any network's outputs: each one's values and shape. */
async function run(model, values, shape) {
  const input = new Tensor(values, shape),
    outputs = await model.run([input]);
  input.delete();
  return outputs.map((output) => {
    const found = [output.toTypedArray(), [...output.type.layout.dimensions]]; // the values are a copy
    output.delete();
    return found;
  });
}

/** A network of one fixed size on values of float32; its outputs as `run` gives them. */
export async function fixed(address, values, shape) {
  const { model } = await kept(
    compiled,
    address,
    KEPT,
    async () => ({ model: await loadAndCompile((await network(address)).content.slice()), pixels: 0 }),
    drop,
  );
  return run(model, values, shape);
}
