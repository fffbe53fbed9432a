// The files of a card: names and contents as Python's `output/` gives them.

import { segment, take, taskOf } from './engine.js';
import { pixels } from './picture.js';

const COLUMNS = 'picture,id,class,class_zh,pixels,share,regions,confidence';
const PICTURES = { cutout: 'cutout.png', blurred: 'blurred.jpg', greyed: 'greyed.jpg', colored: 'colored.jpg', overlay: 'overlay.jpg' };

/** What the names of a picture's files begin with. */
export const stemOf = (name) => name.replace(/\.[^.]*$/, '').replace(/[<>:"|?*/\\\p{C}]/gu, '_') || 'picture';

/** [name, Blob] of what was asked for, made at the picture's full size; null if the picture has nothing of the class. */
export async function fileOf(file, { kind, class: classId, color }, entry, precision) {
  const stem = stemOf(file.name),
    picture = await pixels(file);
  if (kind in PICTURES) {
    const rgb = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)),
      made = await take(picture, entry, precision, { kind, classId, color: rgb, opacity: 0.5 });
    return made.file && [`${stem}.${PICTURES[kind]}`, made.file];
  }
  const result = await segment(picture, entry, precision),
    task = taskOf(entry.task);
  if (kind === 'mask') return [`${stem}.mask.png`, await palettePng(result, task.classes)];
  if (kind === 'csv') return [`${stem}.csv`, csvOf([[file.name, result.statistics]], task.classes)];
  const settings = { task: entry.task, model: entry.model, runtime: precision === 'int8' ? 'litert-int8' : 'litert' };
  return [`${stem}.json`, new Blob([json(file.name, result, task, settings)], { type: 'application/json' })];
}

/** A cell of a table: quoted where needed, and never a formula. */
function cell(text) {
  const plain = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** As Python writes a float; nothing for what is not known. */
const real = (value) => (Number.isNaN(value) ? '' : Number.isInteger(value) ? `${value}.0` : String(value));

/** A table of pictures: [name, statistics] of each. */
export function csvOf(pictures, classes) {
  const rows = pictures.flatMap(([name, statistics]) =>
    statistics.map(({ id, pixels, share, regions, confidence }) =>
      [cell(name), id, cell(classes[id].name), cell(classes[id].name_zh), pixels, real(share), regions, real(confidence)].join(','),
    ),
  );
  return new Blob([`\ufeff${[COLUMNS, ...rows].join('\r\n')}\r\n`], { type: 'text/csv' });
}

function json(name, result, { classes }, settings) {
  const mean = result.confidence.reduce((sum, value) => sum + value, 0) / result.confidence.length,
    located = result.located && result.located.map(({ top, bottom, left, right }) => [top, bottom, left, right]),
    told = result.statistics.map((each) => ({ ...each, name: classes[each.id].name, name_zh: classes[each.id].name_zh }));
  const { width, height, unfamiliar, times } = result;
  return `${JSON.stringify({ settings, picture: name, width, height, mean_confidence: mean, unfamiliar, located, seconds: times, classes: told }, null, 1)}\n`;
}

/** An indexed PNG: each pixel's value is its class id, the palette its colour. No canvas can write one. */
export async function palettePng({ mask, width, height }, classes) {
  const rows = new Uint8Array((width + 1) * height), // each row begins with the kind of its filter: none
    header = new DataView(new ArrayBuffer(13));
  for (let y = 0; y < height; y++) rows.set(mask.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint16(8, 0x0803); // eight bits, a palette
  const deflated = await new Response(new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'))).arrayBuffer();
  const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    palette = Uint8Array.from(classes.flatMap(({ color }) => color));
  return new Blob([signature, chunk('IHDR', header.buffer), chunk('PLTE', palette), chunk('IDAT', deflated), chunk('IEND', [])], { type: 'image/png' });
}

function chunk(kind, content) {
  const body = new Uint8Array(content),
    out = new Uint8Array(body.length + 12),
    view = new DataView(out.buffer);
  view.setUint32(0, body.length);
  out.set(new TextEncoder().encode(kind), 4);
  out.set(body, 8);
  view.setUint32(body.length + 8, crc(out.subarray(4, body.length + 8)));
  return out;
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** The checksum of PNG and ZIP. */
export function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}
