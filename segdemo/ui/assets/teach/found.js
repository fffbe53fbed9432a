// What was found, in the size of the picture.
function drawFound() {
  const { answer, width, height } = page();
  [found.width, found.height] = [width, height];
  find('.teach').style.setProperty('--opacity', settings.style === 'outlines' ? 1 : settings.opacity / 100);
  ring();
  if (!answer) return;
  const picture = new ImageData(width, height),
    out = new Uint32Array(picture.data.buffer),
    { mask, sure } = answer,
    half = Math.ceil(width / 2),
    reach = Math.max(Math.round(Math.max(width, height) / 400), 1);
  const tints = classes.map(({ color }) => opaque(rgb(color))),
    grey = Uint32Array.from({ length: 256 }, (_, i) => opaque([i, i, i]));
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (settings.style === 'confidence') out[i] = grey[sure[(y >> 1) * half + (x >> 1)]];
      else if (settings.style === 'fill') out[i] = tints[mask[i]];
      else if (mask[i] !== mask[i - reach] || mask[i] !== mask[i - reach * width]) out[i] = tints[mask[i]];
    }
  found.getContext('2d').putImageData(picture, 0, 0);
}
function ring() {
  const at = settings.next && page().answer?.next;
  next.hidden = !at;
  if (at) [next.style.left, next.style.top] = [`${100 * at[1]}%`, `${100 * at[0]}%`];
}
