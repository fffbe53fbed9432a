// Files to pixels: drawn one to one, for how a canvas resizes is each browser's own.

import { wordsOf } from './texts.js';

export const MOST_PIXELS = 8192 * 6144; // as in `segdemo.images`

/** What is wrong with a file, in both languages. */
export class PictureError extends Error {
  constructor(words) {
    super(words.en);
    this.words = words;
  }
}

/** A file upright and as it is, without its colour profile: ImageData. */
export async function pixels(file) {
  if (!file.size) throw new PictureError(wordsOf('static_empty', { name: file.name }));
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none', premultiplyAlpha: 'none', imageOrientation: 'from-image' });
  } catch {
    throw new PictureError(wordsOf('static_unread', { name: file.name }));
  }
  const { width, height } = bitmap;
  try {
    if (width * height > MOST_PIXELS) throw new PictureError(wordsOf('static_large', { name: file.name, width, height, most: Math.round(MOST_PIXELS / 1e6) }));
    const pen = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    pen.drawImage(bitmap, 0, 0);
    return pen.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}
