// What the cards do in the browser, without asking the server: draw the classes over the photograph, large or small, wiped away up to a handle, one
// class alone, in several styles, above a threshold of confidence, and name the class under the pointer or where the arrow keys are.
// Gradio calls this once, with `element`, the component, `watch`, which tells of new cards, and `trigger`, which asks for a file to take away.
// The settings are the page's, so they stay when another result comes. The page's address holds those that were changed.
const USUAL = { opacity: 55, split: 0, threshold: 0, style: 'fill', view: 'overlay' },
  settings = { ...USUAL };
const CHOICES = { style: ['fill', 'patterns', 'outlines', 'confidence', 'entropy'], view: ['overlay', 'photo', 'mask'] };
for (const [name, value] of new URLSearchParams(location.search)) {
  if (name in CHOICES) settings[name] = CHOICES[name].includes(value) ? value : USUAL[name];
  else if (name in USUAL && value >= 0 && value <= 100) settings[name] = Number(value);
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
const between = (low, value, high) => Math.min(Math.max(value, low), high);

// Each class's own pattern, for eyes that cannot tell the colours apart: whether the point (x, y) of a picture 640 wide or high is darkened.
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
const DARK = 256,
  STRIPE = 512,
  EDGE = 1024; // what a pixel's code has beside its class: in the pattern, in a stripe of what is not sure, at a border

// The numbers of a card, read once: each pixel's code, and at half of the size confidence and entropy, 0 to 50.
// Gradio fills the element of one card with another: the numbers are those of the `ids` that it has now.
const numbers = new WeakMap(); // card -> { ids, ready }: them, or a promise of them
const isRead = (card) => numbers.get(card)?.ids === card.dataset.ids;
function read(card) {
  if (!isRead(card)) {
    const kept = { ids: card.dataset.ids, ready: decoded(card) };
    numbers.set(card, kept);
    kept.ready.then(
      (ready) => (kept.ready = ready),
      () => isRead(card) && numbers.delete(card),
    );
  }
  return numbers.get(card).ready;
}
async function inflated(letters) {
  if (letters.startsWith('blob:')) return new Uint8Array(await (await fetch(letters)).arrayBuffer()); // where the browser itself made the card
  const { body } = await fetch('data:;base64,' + letters);
  return new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream('deflate'))).arrayBuffer());
}
async function decoded({ dataset }) {
  const [id, doubts] = await Promise.all([inflated(dataset.ids), inflated(dataset.doubts)]);
  const [height, width] = JSON.parse(dataset.drawn),
    half = Math.ceil(width / 2);
  for (let i = 1; i < doubts.length; i++) if (i % half) doubts[i] += doubts[i - 1];
  const confidence = doubts.subarray(0, doubts.length / 2),
    entropy = doubts.subarray(doubts.length / 2);
  const sure = new Array(51).fill(0); // how many pixels have which confidence
  for (const fiftieths of confidence) sure[fiftieths]++;
  const code = new Uint16Array(id.length),
    finer = 640 / Math.max(width, height),
    reach = Math.max(Math.round(1.5 / finer), 1);
  for (let y = 0, i = 0; y < height; y++) {
    const up = y >= reach ? reach * width : 0,
      down = y < height - reach ? reach * width : 0;
    for (let x = 0; x < width; x++, i++) {
      const c = id[i],
        right = x * finer,
        below = y * finer;
      const edge = id[i - up] !== c || id[i + down] !== c || (x >= reach && id[i - reach] !== c) || (x < width - reach && id[i + reach] !== c);
      code[i] = c | (PATTERNS[c % PATTERNS.length](right, below) ? DARK : 0) | ((right + below) % 6 < 3 ? STRIPE : 0) | (edge ? EDGE : 0);
    }
  }
  return { width, height, half, code, confidence, entropy, sure, palette: JSON.parse(dataset.palette), background: JSON.parse(dataset.background) };
}

// From dark blue over green to yellow, even in lightness: the ramp of the colour bar in card.css.
const RAMP = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];
function ramp(share) {
  const place = between(0, share, 1) * (RAMP.length - 1),
    low = Math.min(Math.floor(place), RAMP.length - 2),
    part = place - low;
  return RAMP[low].map((value, i) => value + (RAMP[low + 1][i] - value) * part);
}

// A pixel as ImageData has it in 32 bits.
const opaque = (color, shade = 1) => new Uint32Array(new Uint8ClampedArray([...color.map((value) => value * shade), 255]).buffer)[0];
const RAMP_51 = Uint32Array.from({ length: 51 }, (_, fiftieths) => opaque(ramp(fiftieths / 50)));
const UNSURE = [opaque([255, 255, 255]), opaque([255, 255, 255], 0.6)];

// All cards draw on the same sheet at the full size; from there each canvas takes it as large as it is on the screen, which makes borders smooth.
const sheet = new OffscreenCanvas(1, 1),
  pen = sheet.getContext('2d');
let picture, out;
function paint(card, { width, height, half, code, confidence, entropy, palette, background }) {
  const only = chosen.get(card),
    { style } = settings,
    limit = settings.threshold / 2,
    numbered = { confidence, entropy }[style];
  if (picture?.width !== width || picture.height !== height) {
    picture = new ImageData(width, height);
    out = new Uint32Array(picture.data.buffer);
    [sheet.width, sheet.height] = [width, height];
  }
  const colors = new Uint32Array(2048), // of each code; 0 is transparent
    unsure = new Uint32Array(2048),
    kept = new Uint32Array(2048);
  palette.forEach((color, c) => {
    if (only !== undefined && only !== c) return;
    const clear = c === background && only !== c,
      shades = [opaque(color), opaque(color, 0.5)];
    for (let k = c; k < 2048; k += 256) {
      unsure[k] = UNSURE[k & STRIPE ? 0 : 1];
      kept[k] = 0xffffffff;
      if (!clear && (style !== 'outlines' || k & EDGE)) colors[k] = shades[style === 'patterns' && k & DARK ? 1 : 0];
    }
  });
  if (!limit && !numbered) for (let i = 0; i < code.length; i++) out[i] = colors[code[i]];
  else
    for (let y = 0, i = 0; y < height; y++) {
      const row = (y >> 1) * half;
      for (let x = 0; x < width; x++, i++) {
        const j = row + (x >> 1),
          k = code[i];
        out[i] = confidence[j] < limit ? unsure[k] : numbered ? RAMP_51[numbered[j]] & kept[k] : colors[k];
      }
    }
  pen.putImageData(picture, 0, 0);
  for (const canvas of all('canvas', card)) {
    const box = canvas.getBoundingClientRect(),
      scale = Math.min(devicePixelRatio, width / box.width);
    if (!box.width) continue;
    const size = [box.width, box.height].map((side) => Math.max(Math.round(side * scale), 1)),
      brush = canvas.getContext('2d');
    if (canvas.width === size[0] && canvas.height === size[1]) brush.clearRect(0, 0, ...size);
    else [canvas.width, canvas.height] = size;
    brush.imageSmoothingQuality = 'medium';
    brush.drawImage(sheet, 0, 0, ...size);
  }
}
function draw(card) {
  const ready = read(card);
  if (ready instanceof Promise) {
    ready.then(
      () => later(card),
      () => {},
    );
    return;
  }
  paint(card, ready);
  const below = ready.sure.slice(0, Math.ceil(settings.threshold / 2)).reduce((sum, count) => sum + count, 0);
  card.querySelector('output.unsure').value = settings.threshold ? `${((100 * below) / ready.confidence.length).toFixed(1)}%` : '';
}

// Whatever changes is shown with the next frame, once, and drawn only where it can be seen.
const due = new Set();
function later(...cards) {
  if (!due.size) requestAnimationFrame(frame);
  due.add(null);
  cards.forEach((card) => due.add(card));
}
function frame() {
  const cards = [...due];
  due.clear();
  show();
  cards.filter((card) => card?.isConnected && near.has(card)).forEach(draw);
}
const near = new WeakSet(),
  coming = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) (near.add(target), later(target));
        else near.delete(target);
      }
    },
    { rootMargin: '50%' },
  ),
  sized = new ResizeObserver((entries) => later(...new Set(entries.map(({ target }) => target.closest('article')))));
const cards = () => all('article[data-palette]');

function show() {
  element.style.setProperty('--opacity', settings.opacity / 100);
  element.style.setProperty('--split', `${settings.split}%`);
  all('.wipe').forEach((handle) => handle.setAttribute('aria-valuenow', settings.split));
  for (const key of ['opacity', 'threshold'])
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
  all('.view [data-style]').forEach((words) => {
    words.hidden = words.dataset.style !== caption;
  });
  all('.ramp [data-style]').forEach((label) => {
    label.hidden = label.dataset.style !== settings.style;
  });
  all('figure[data-view]').forEach((figure) => {
    const large = figure.dataset.view === settings.view;
    figure.classList.toggle('chief', large);
    figure.querySelector('.view').setAttribute('aria-pressed', large);
    all('[tabindex]', figure).forEach((place) => {
      place.tabIndex = large ? 0 : -1;
    });
  });
  all('.legend button').forEach((button) => button.setAttribute('aria-pressed', Number(button.dataset.id) === chosen.get(button.closest('article'))));
}
function welcome() {
  all('img.photo:not([src])').forEach((image) => {
    image.src = image.closest('article').querySelector('img.photo[src]').src;
  });
  for (const card of cards()) {
    if (!isRead(card)) chosen.delete(card);
    coming.observe(card);
    all('.frame', card).forEach((each) => sized.observe(each));
  }
  later(...cards());
}

element.addEventListener('input', ({ target: { name, value } }) => {
  if (!['opacity', 'threshold'].includes(name)) return;
  settings[name] = Number(value);
  if (name === 'threshold') later(...cards());
  else later();
});
element.addEventListener('change', (event) => {
  if (event.target.name in USUAL) remember();
});
element.addEventListener('click', ({ target }) => {
  const card = target.closest('article[data-palette]'),
    button = target.closest('button'),
    task = button?.matches('[data-task]') && document.querySelector(`#task input[value="${button.dataset.task}"]`);
  if (task) task.click(); // the way out of a wrong task: as if it were chosen above
  if (button?.matches('[data-open]')) document.querySelector(`[role=tab][data-tab-id=${button.dataset.open}]`)?.click();
  if (!card || !button) return;
  const { style, id, take } = button.dataset;
  if (style) choose('style', style);
  if (button.matches('.view')) choose('view', button.closest('figure').dataset.view);
  if (id) {
    if (chosen.get(card) === Number(id)) chosen.delete(card);
    else chosen.set(card, Number(id));
    later(card);
  }
  if (take && !element.querySelector('[aria-busy=true]')) {
    const { name, number, task, model, runtime } = card.dataset;
    button.setAttribute('aria-busy', true);
    const color = card.querySelector('input[type=color]')?.value ?? '#ffffff';
    trigger('download', { kind: take, name, number: Number(number), task, model, runtime, class: chosen.get(card) ?? null, color });
  }
  if (button.matches('[data-correct]')) {
    const { name, number, task, model } = card.dataset,
      ids = all('.legend [data-id]', card).map((each) => Number(each.dataset.id));
    trigger('edit', { name, number: Number(number), task, model, ids });
    document.querySelector('[role=tab][data-tab-id=teach]').click();
  }
  if (button.matches('.large')) enlarge(card.querySelector('.show'));
});
function choose(name, value) {
  settings[name] = value;
  later(...cards());
  remember();
}

// Full screen: the browser's, or where it has none, as on an iPhone, over the whole page until Escape or the button closes it.
function enlarge(shown) {
  if (shown.matches('.full')) return shrink();
  shown.classList.add('full');
  shown.requestFullscreen?.().catch(() => {});
}
function shrink() {
  all('.full').forEach((shown) => shown.classList.remove('full'));
  if (document.fullscreenElement) document.exitFullscreen();
}
document.addEventListener('fullscreenchange', () => document.fullscreenElement || shrink());
document.addEventListener('keydown', (event) => event.key === 'Escape' && shrink());

// The handle of the wipe: by mouse, finger or keys.
function wipe(split) {
  settings.split = between(0, Math.round(split), 100);
  later();
}
const PUSHES = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
element.addEventListener('pointerdown', (event) => {
  const handle = event.target.closest('.wipe');
  if (!handle || event.button) return;
  handle.setPointerCapture(event.pointerId);
  const { left, width } = handle.parentElement.getBoundingClientRect();
  const move = ({ clientX }) => wipe((100 * (clientX - left)) / width);
  handle.onpointermove = move;
  handle.onpointerup = handle.onpointercancel = () => {
    handle.onpointermove = null;
    remember();
  };
});

// The class at a place of the picture, told beside the pointer, the finger or the ring that the arrow keys move.
async function tell(place, right, down) {
  const card = place.closest('article'),
    { width, height, half, code, confidence } = await read(card),
    label = card.querySelector('.readout');
  const x = Math.floor(right * width),
    y = Math.floor(down * height);
  const id = code[y * width + x] & 255;
  label.querySelectorAll('[data-id]').forEach((name) => {
    name.hidden = Number(name.dataset.id) !== id;
  });
  label.querySelector('b').textContent = (confidence[(y >> 1) * half + (x >> 1)] / 50).toFixed(2);
  label.classList.add('filled');
  const views = label.parentElement.getBoundingClientRect(),
    box = place.getBoundingClientRect();
  const left = box.left - views.left + right * box.width - label.offsetWidth / 2,
    top = box.top - views.top + down * box.height - label.offsetHeight - 22;
  label.style.translate = `${between(0, left, views.width - label.offsetWidth)}px ${top < 0 ? top + label.offsetHeight + 44 : top}px`;
}
const hide = () => all('.readout.filled').forEach((label) => label.classList.remove('filled'));
let pointed;
function point(event) {
  const place = event.target.closest('.chief .frame');
  if (!place || event.target.closest('.wipe')) return hide();
  if (!pointed)
    requestAnimationFrame(() => {
      const box = place.getBoundingClientRect(),
        right = (pointed.clientX - box.left) / box.width,
        down = (pointed.clientY - box.top) / box.height;
      if (right >= 0 && down >= 0 && right < 1 && down < 1) tell(place, right, down);
      pointed = undefined;
    });
  pointed = event;
}
const STEPS = { ArrowLeft: ['--x', -2], ArrowRight: ['--x', 2], ArrowUp: ['--y', -2], ArrowDown: ['--y', 2] };
element.addEventListener('keydown', (event) => {
  const { target, key } = event;
  if (target.matches('.wipe') && key in PUSHES) {
    event.preventDefault();
    wipe(settings.split + PUSHES[key]);
    remember();
  }
  if (!(key in STEPS) || !target.matches('.frame')) return;
  const [axis, step] = STEPS[key],
    place = (name) => parseFloat(target.style.getPropertyValue(name) || '50%');
  event.preventDefault();
  target.style.setProperty(axis, `${between(0, place(axis) + step, 98)}%`);
  tell(target, place('--x') / 100, place('--y') / 100);
});
element.addEventListener('pointermove', point);
element.addEventListener('pointerdown', point);
element.addEventListener('pointerleave', hide);
element.addEventListener('focusout', hide);
watch('value', welcome);
welcome();
