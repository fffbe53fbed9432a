// What the cards do in the browser, without asking the server: opacity, before/after, one class alone, how colours are drawn,
// a threshold of confidence, and the class under the pointer or where the arrow keys are. Gradio calls this once, with `element`, the component, and
// `watch`, which tells of new cards. The settings are the page's, so they stay when another result comes.
// The page's address holds those that were changed.
const USUAL = { opacity: 55, split: 0, threshold: 0, style: 'fill' },
  settings = { ...USUAL };
const STYLES = ['fill', 'patterns', 'outlines', 'confidence', 'entropy'];
for (const [name, value] of new URLSearchParams(location.search)) {
  if (name === 'style' && STYLES.includes(value)) settings.style = value;
  else if (name in USUAL && name !== 'style' && value >= 0 && value <= 100) settings[name] = Number(value);
}
function remember() {
  const query = new URLSearchParams(location.search);
  for (const name in USUAL)
    if (settings[name] === USUAL[name]) query.delete(name);
    else query.set(name, settings[name]);
  history.replaceState(history.state, '', '?' + query + location.hash);
}
const chosen = new WeakMap(); // card -> the class that is shown alone

const all = (selector, root = element) => [...root.querySelectorAll(selector)];

// The numbers of a card, read once: class id, confidence (0-50) and entropy (0-50) of every pixel of the mask as shown.
const numbers = new WeakMap(); // card -> a promise of them
function read(card) {
  if (!numbers.has(card))
    numbers.set(
      card,
      decoded(card).catch((error) => {
        numbers.delete(card);
        throw error;
      }),
    );
  return numbers.get(card);
}
async function decoded(card) {
  const [mask, doubt] = [card.querySelector('img.mask'), card.querySelector('img.doubt')];
  await Promise.all([mask.decode(), doubt.decode()]);
  const [width, height] = [mask.naturalWidth, mask.naturalHeight];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const pixels = (image) => {
    context.drawImage(image, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  };
  const colors = pixels(mask);
  const palette = JSON.parse(card.dataset.palette);
  const ids = new Map(palette.map(([r, g, b], id) => [(r << 16) | (g << 8) | b, id]));
  const id = new Uint8Array(width * height);
  for (let i = 0; i < id.length; i++) id[i] = ids.get((colors[4 * i] << 16) | (colors[4 * i + 1] << 8) | colors[4 * i + 2]);
  context.imageSmoothingEnabled = false;
  const doubts = pixels(doubt);
  return { width, height, palette, id, confidence: id.map((_, i) => doubts[4 * i]), entropy: id.map((_, i) => doubts[4 * i + 1]) };
}

// Each class's own pattern, for eyes that cannot tell the colours apart: whether the pixel at (x, y) is darkened.
const PATTERNS = [
  () => false,
  (x, y) => (x + y) % 8 < 3,
  (x, y) => y % 7 < 3,
  (x, y) => x % 7 < 3,
  (x, y) => (x - y + 8000) % 8 < 3,
  (x, y) => x % 8 < 4 !== y % 8 < 4,
  (x, y) => x % 6 < 3 && y % 6 < 3,
  (x, y) => x % 9 < 2 || y % 9 < 2,
  (x, y) => (x + y) % 16 < 3,
  (x, y) => (x - y + 16000) % 16 < 3,
  (x, y) => y % 14 < 3,
  (x, y) => x % 14 < 3,
];
// From dark blue over green to yellow, even in lightness: the ramp of the colour bar in card.css.
const RAMP = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];
function ramp(share) {
  const place = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1),
    low = Math.min(Math.floor(place), RAMP.length - 2),
    part = place - low;
  return RAMP[low].map((value, i) => value + (RAMP[low + 1][i] - value) * part);
}

// A pixel as ImageData has it in 32 bits.
const opaque = (color, shade = 1) => new Uint32Array(new Uint8ClampedArray([...color.map((value) => value * shade), 255]).buffer)[0];
const RAMP_51 = Uint32Array.from({ length: 51 }, (_, fiftieths) => opaque(ramp(fiftieths / 50)));
const UNSURE = [opaque([255, 255, 255]), opaque([255, 255, 255], 0.6)];

async function draw(card) {
  const only = chosen.get(card),
    plain = settings.style === 'fill' && only === undefined && !settings.threshold;
  all('.drawn', card).forEach((canvas) => {
    canvas.hidden = plain;
  });
  all('img.mask', card).forEach((image) => {
    image.style.visibility = plain ? '' : 'hidden';
  });
  if (!settings.threshold)
    all('output.unsure', card).forEach((output) => {
      output.value = '';
    });
  all('.legend button', card).forEach((button) => button.setAttribute('aria-pressed', Number(button.dataset.id) === only));
  if (plain) return;
  const { width, height, palette, id, confidence, entropy } = await read(card);
  if (settings.threshold) {
    const unsure = confidence.reduce((count, value) => count + (value < settings.threshold / 2), 0) / id.length;
    all('output.unsure', card).forEach((output) => {
      output.value = `${(100 * unsure).toFixed(1)}%`;
    });
  }
  const picture = new ImageData(width, height),
    out = new Uint32Array(picture.data.buffer),
    { style, threshold } = settings;
  const light = palette.map((color) => opaque(color)),
    dark = palette.map((color) => opaque(color, 0.5));
  const numbered = { confidence, entropy }[style];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const c = id[i];
      if (only !== undefined && c !== only) continue;
      if (confidence[i] < threshold / 2) out[i] = UNSURE[(x + y) % 6 < 3 ? 0 : 1];
      else if (numbered) out[i] = RAMP_51[numbered[i]];
      else if (style === 'patterns') out[i] = PATTERNS[c % PATTERNS.length](x, y) ? dark[c] : light[c];
      else if (style === 'outlines') {
        const border =
          (x > 1 && id[i - 2] !== c) || (y > 1 && id[i - 2 * width] !== c) || (x < width - 2 && id[i + 2] !== c) || (y < height - 2 && id[i + 2 * width] !== c);
        if (border) out[i] = light[c];
      } else out[i] = light[c];
    }
  }
  for (const canvas of all('.drawn', card)) {
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d').putImageData(picture, 0, 0);
  }
}

function show(redraw = true) {
  all('img.photo:not([src]), img.mask:not([src])').forEach((image) => {
    image.src = image.closest('article').querySelector(`img.${image.className}`).src;
  });
  element.style.setProperty('--opacity', settings.opacity / 100);
  element.style.setProperty('--split', `${settings.split}%`);
  for (const key of ['opacity', 'split', 'threshold'])
    all(`input[name=${key}]`).forEach((input) => {
      input.value = settings[key];
    });
  all('output.threshold').forEach((output) => {
    output.value = (settings.threshold / 100).toFixed(2);
  });
  all('.styles button').forEach((button) => button.setAttribute('aria-pressed', button.dataset.style === settings.style));
  const caption = ['confidence', 'entropy'].includes(settings.style) ? settings.style : 'fill';
  all('.ramp').forEach((bar) => {
    bar.hidden = caption === 'fill';
  });
  all('.drawing [data-style]').forEach((words) => {
    words.hidden = words.dataset.style !== caption;
  });
  all('.ramp [data-style]').forEach((label) => {
    label.hidden = label.dataset.style !== settings.style;
  });
  if (redraw) all('article[data-palette]').forEach(draw);
}

element.addEventListener('input', (event) => {
  const { name, value } = event.target;
  if (!['opacity', 'split', 'threshold'].includes(name)) return;
  settings[name] = Number(value);
  show(name === 'threshold');
});
element.addEventListener('change', (event) => {
  if (event.target.name in USUAL) remember();
});
element.addEventListener('click', (event) => {
  const style = event.target.closest('.styles button'),
    item = event.target.closest('.legend button'),
    large = event.target.closest('button.large');
  if (style) {
    settings.style = style.dataset.style;
    show();
    remember();
  }
  if (item) {
    const card = item.closest('article'),
      id = Number(item.dataset.id);
    if (chosen.get(card) === id) chosen.delete(card);
    else chosen.set(card, id);
    draw(card);
  }
  if (large) document.fullscreenElement ? document.exitFullscreen() : large.closest('figure').requestFullscreen();
});
async function tell(card, right, down) {
  // of the pixel at these shares of width and height
  const { width, height, id, confidence } = await read(card),
    readout = card.querySelector('.readout');
  const i = Math.floor(down * height) * width + Math.floor(right * width);
  readout.querySelectorAll('[data-id]').forEach((name) => {
    name.hidden = Number(name.dataset.id) !== id[i];
  });
  readout.querySelector('b').textContent = (confidence[i] / 50).toFixed(2);
  readout.classList.add('filled');
}
function point(event) {
  const frame = event.target.closest('.views figure .frame'),
    card = event.target.closest('article[data-palette]');
  if (!frame || !card) return;
  const box = frame.getBoundingClientRect(),
    right = (event.clientX - box.left) / box.width,
    down = (event.clientY - box.top) / box.height;
  if (right >= 0 && down >= 0 && right < 1 && down < 1) tell(card, right, down);
}
const STEPS = { ArrowLeft: ['--x', -2], ArrowRight: ['--x', 2], ArrowUp: ['--y', -2], ArrowDown: ['--y', 2] };
element.addEventListener('keydown', (event) => {
  const frame = event.target,
    place = (axis) => parseFloat(frame.style.getPropertyValue(axis) || '50%');
  if (!(event.key in STEPS) || !frame.matches('.frame')) return;
  const [axis, step] = STEPS[event.key];
  event.preventDefault();
  frame.style.setProperty(axis, `${Math.min(Math.max(place(axis) + step, 0), 98)}%`);
  tell(frame.closest('article'), place('--x') / 100, place('--y') / 100);
});
// Who comes near a card may click there next: the numbers are then ready.
for (const event of ['pointerover', 'focusin']) {
  element.addEventListener(event, ({ target }) => {
    const card = target.closest('article[data-palette]');
    if (card) read(card).catch(() => {});
  });
}
element.addEventListener('pointermove', point);
element.addEventListener('pointerdown', point);
watch('value', () => show());
