// A click on an object: what looks like the place under the pointer is lit at once, from a few numbers a cell; what the click takes, the server finds.
const CELLS = 64, // a side
  NEAR = 0.3, // what a place loses of its likeness over the length of a side
  light = find('canvas.light');
const clickable = () => tool === 'click' && pages.length > 0;
const clicksOf = (each) => each.strokes.filter(({ click }) => click);
function wish() {
  if (!clickable() || page().wished) return;
  page().wished = true;
  trigger('select', { page: current, pictures: pages.map(({ name }) => name) });
}
async function felt() {
  const told = document.querySelector('#teach-looks data'),
    each = pages[told?.dataset.page];
  if (!each || each.name !== told.value) return;
  const bytes = new Int8Array((await unpacked(told.dataset.looks)).buffer);
  each.looks = Float32Array.from(bytes, (value) => value * told.dataset.scale);
}
function alike(looks, cell) {
  const size = looks.length / (CELLS * CELLS),
    [y, x] = [Math.floor(cell / CELLS), cell % CELLS];
  return Float32Array.from({ length: CELLS * CELLS }, (_, i) => {
    let likeness = (-NEAR / CELLS) * Math.hypot(Math.floor(i / CELLS) - y, (i % CELLS) - x);
    for (let k = 0; k < size; k++) likeness += looks[i * size + k] * looks[cell * size + k];
    return likeness;
  });
}
// The threshold of Otsu (1979) that parts values of -1 to 1 best in two.
function parted(values) {
  const counts = new Array(256).fill(0);
  for (const value of values) counts[between(0, Math.round((value + 1) * 127.5), 255)]++;
  const all = counts.reduce((sum, count, level) => sum + count * level, 0);
  let [below, sum, best, threshold] = [0, 0, -1, 0];
  counts.forEach((count, level) => {
    below += count;
    sum += count * level;
    const above = values.length - below,
      spread = below && above ? (below * above * (sum / below - (all - sum) / above) ** 2) / values.length : 0;
    if (spread > best) [best, threshold] = [spread, level];
  });
  return threshold / 127.5 - 1;
}
function extent(looks, cell) {
  const values = alike(looks, cell),
    least = parted(values),
    found = new Set([cell]);
  for (const i of found)
    for (const [j, beside] of [
      [i - 1, i % CELLS > 0],
      [i + 1, (i + 1) % CELLS > 0],
      [i - CELLS, i >= CELLS],
      [i + CELLS, i + CELLS < values.length],
    ])
      if (beside && values[j] > least) found.add(j);
  return found;
}
let lit = -1; // the cell whose extent is lit
function shine(event) {
  const looks = clickable() && !fingers.size && page().looks;
  if (!looks) return unlight();
  const [x, y] = at(event),
    [column, row] = [(x / page().width) * CELLS, (y / page().height) * CELLS].map((place) => between(0, Math.floor(place), CELLS - 1)),
    cell = row * CELLS + column;
  if (cell === lit) return;
  unlight();
  lit = cell;
  const pixels = new ImageData(CELLS, CELLS),
    out = new Uint32Array(pixels.data.buffer),
    shade = opaque(rgb(classes[chosen].color));
  for (const i of extent(looks, cell)) out[i] = shade;
  light.getContext('2d').putImageData(pixels, 0, 0);
}
function unlight() {
  if (lit >= 0) light.getContext('2d').clearRect(0, 0, CELLS, CELLS);
  lit = -1;
}
[light.width, light.height] = [CELLS, CELLS];
easel.addEventListener('pointermove', shine);
easel.addEventListener('pointerdown', unlight);
easel.addEventListener('pointerleave', unlight);
