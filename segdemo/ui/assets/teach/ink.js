// The ink: a stroke is discs along its points; all of it is drawn, or while a stroke grows the part that changed.
function stamp(ids, { width, height }, { id, radius, points }, from = 0) {
  const box = [width, height, 0, 0];
  for (let i = Math.max(from, 0); i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]],
      [u, v] = i ? [points[i - 2], points[i - 1]] : [x, y];
    const steps = Math.max(Math.ceil(Math.hypot(x - u, y - v) / Math.max(radius / 2, 0.5)), 1);
    for (let k = i ? 1 : steps; k <= steps; k++) disc(ids, width, height, u + ((x - u) * k) / steps, v + ((y - v) * k) / steps, radius, id, box);
  }
  return box;
}
function disc(ids, width, height, x, y, radius, id, box) {
  const top = Math.max(Math.round(y - radius), 0),
    bottom = Math.min(Math.round(y + radius), height - 1);
  for (let row = top; row <= bottom; row++) {
    const half = Math.sqrt(Math.max(radius * radius - (row - y) ** 2, 0)),
      left = Math.max(Math.round(x - half), 0),
      right = Math.min(Math.round(x + half), width - 1);
    if (left > right) continue;
    ids.fill(id, row * width + left, row * width + right + 1);
    [box[0], box[1], box[2], box[3]] = [Math.min(box[0], left), Math.min(box[1], top), Math.max(box[2], right), Math.max(box[3], bottom)];
  }
}
function painted(each, first = Infinity) {
  const ids = new Uint8Array(each.width * each.height).fill(NOTHING),
    used = new Map(),
    later = new Set(
      pages
        .flatMap((one) => one.strokes)
        .sort((a, b) => a.order - b.order)
        .filter(({ id }) => id !== NOTHING && used.set(id, (used.get(id) ?? 0) + 1).get(id) > first),
    );
  each.strokes.filter((stroke) => !later.has(stroke)).forEach((stroke) => stamp(ids, each, stroke));
  return ids;
}

// The ink: all of it, or while a stroke grows the part that changed.
let ids, image, shades;
function drawInk() {
  const { width, height } = page();
  ids = painted(page());
  if (ink.width !== width || ink.height !== height) [ink.width, ink.height] = [width, height];
  image = new ImageData(width, height);
  put([0, 0, width - 1, height - 1]);
}
function put([left, top, right, bottom]) {
  if (right < left) return;
  const pixels = new Uint32Array(image.data.buffer);
  shades = new Uint32Array(256);
  classes.forEach(({ color }, id) => {
    shades[id] = opaque(rgb(color));
  });
  for (let y = top; y <= bottom; y++) for (let i = y * image.width + left; i <= y * image.width + right; i++) pixels[i] = shades[ids[i]];
  ink.getContext('2d').putImageData(image, 0, 0, left, top, right - left + 1, bottom - top + 1);
}
