// Files in one file; none is compressed, for pictures are already.

import { crc } from './files.js';

const UTF8 = 0x0800, // the names are
  FIRST_DAY = 33; // of 1980: a ZIP knows none before

/** A ZIP whose files, by name, are stored as they are. */
export function zip(files) {
  const parts = [],
    listed = [],
    long = (all) => all.reduce((sum, part) => sum + part.length, 0);
  for (const [name, content] of Object.entries(files)) {
    const letters = new TextEncoder().encode(name),
      sizes = [content.length, 4, content.length, 4, letters.length, 2],
      about = little(20, 2, UTF8, 2, 0, 4, FIRST_DAY, 2, crc(content), 4, ...sizes, 0, 2);
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
