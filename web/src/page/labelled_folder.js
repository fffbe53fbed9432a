// Pictures and masks in the layout that `train` reads: `labelled_folder` in `segdemo/ui/parts/lesson_files.py`.

import { palettePng, stemOf } from './files.js';
import { pixels } from './picture.js';
import { zip } from './zip.js';

/** A ZIP's Blob. `pages` are { name, file }, `classes` { name, color }; `found(number)` gives a page's { mask, width, height } at its full size. */
export async function labelledFolder(pages, classes, found) {
  const told = { name: 'taught', classes: classes.map(({ name, color }) => ({ name, color })) },
    files = { 'classes.json': new TextEncoder().encode(JSON.stringify(told, null, 1)) },
    last = pages.length - 1;
  for (const [number, { name, file }] of pages.entries()) {
    const stem = `${String(number + 1).padStart(2, '0')}-${stemOf(name)}`,
      picture = await bytesOf(await jpeg(await pixels(file))),
      mask = await bytesOf(await palettePng(await found(number), classes)),
      splits = last === 0 ? ['train', 'val'] : [number < last ? 'train' : 'val']; // a single picture is for both
    for (const split of splits) Object.assign(files, { [`${split}/images/${stem}.jpg`]: picture, [`${split}/masks/${stem}.png`]: mask });
  }
  return zip(files);
}

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

function jpeg(picture) {
  const canvas = new OffscreenCanvas(picture.width, picture.height),
    pen = canvas.getContext('2d');
  pen.putImageData(picture, 0, 0);
  pen.globalCompositeOperation = 'destination-over'; // what can be seen through lies on white, as the networks see it
  pen.fillStyle = 'white';
  pen.fillRect(0, 0, picture.width, picture.height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
}
