// The tab Teach in the browser: strokes are painted here, only they travel to the server, and the classes that it finds are drawn here.
// Gradio calls this once, with `element` and `trigger`.
const find = (selector) => element.querySelector(selector),
  all = (selector) => [...element.querySelectorAll(selector)],
  between = (low, value, high) => Math.min(Math.max(value, low), high);
const NOTHING = 255,
  FIRST = [1, 2, 5, Infinity]; // how many strokes of a class are used
const root = find('.teach'),
  { colors, names, words, most } = Object.fromEntries(
    Object.entries({ ...root.dataset }).map(([key, value]) => [key, JSON.parse(value)]),
  );
const language = () => (document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'),
  say = (key) => words[key][language()];
const easel = find('.easel'),
  sheet = find('.sheet'),
  photo = find('.sheet img'),
  ink = find('canvas.ink'),
  found = find('canvas.found'),
  next = find('.next'),
  aim = find('.aim');

// ---- What is taught: classes, and of each picture ("page") its strokes, oldest first. What was undone waits in `undone`.
let classes = [0, 1].map((i) => ({ usual: i, color: colors[i] })),
  pages = [],
  current = 0,
  chosen = 0,
  tool = 'brush',
  undone = [],
  order = 0; // of strokes, over all pages
const page = () => pages[current],
  nameOf = (each) => each.name ?? names[each.usual][language()],
  settings = { style: 'fill', opacity: 50, size: 16, next: true, unseeing: false, first: 3 };
const rgb = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)),
  opaque = (color) => new Uint32Array(new Uint8ClampedArray([...color, 255]).buffer)[0];

// ---- A stroke as pixels: discs along its points.
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

// ---- The ink: all of it, or while a stroke grows the part that changed.
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
  for (let y = top; y <= bottom; y++)
    for (let i = y * image.width + left; i <= y * image.width + right; i++) pixels[i] = shades[ids[i]];
  ink.getContext('2d').putImageData(image, 0, 0, left, top, right - left + 1, bottom - top + 1);
}

// ---- What was found, in the size of the picture.
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

// ---- The classes and what each was learned from.
function drawPalette() {
  const counts = new Map();
  pages.flatMap((each) => each.strokes).forEach(({ id }) => counts.set(id, (counts.get(id) ?? 0) + 1));
  const shares = page()?.answer?.shares;
  find('.palette').replaceChildren(
    ...classes.map((each, id) => {
      const row = document.createElement('div'),
        pick = document.createElement('button'),
        color = document.createElement('input'),
        name = document.createElement('input'),
        told = document.createElement('small'),
        remove = document.createElement('button');
      row.className = 'taught';
      Object.assign(pick, { type: 'button', className: 'pick', title: String(id + 1), textContent: id + 1 });
      pick.dataset.pick = id;
      pick.setAttribute('aria-pressed', id === chosen);
      pick.setAttribute('aria-label', nameOf(each));
      Object.assign(color, { type: 'color', value: each.color, name: 'color' });
      color.setAttribute('aria-label', `${say('color')}: ${nameOf(each)}`);
      Object.assign(name, { type: 'text', value: nameOf(each), name: 'name', maxLength: 60 });
      name.setAttribute('aria-label', say('name'));
      told.textContent = `${say('strokes').replace('#', counts.get(id) ?? 0)}${shares ? ` · ${(100 * (shares[id] ?? 0)).toFixed(1)}%` : ''}`;
      Object.assign(remove, { type: 'button', textContent: '×', hidden: classes.length < 3 });
      remove.dataset.remove = id;
      remove.setAttribute('aria-label', `${say('remove')}: ${nameOf(each)}`);
      row.append(pick, color, name, told, remove);
      row.style.setProperty('--class', each.color);
      row.dataset.id = id;
      return row;
    }),
    more(),
  );
}
function more() {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'more', textContent: `+ ${say('add')}`, hidden: classes.length >= most });
  button.dataset.do = 'add';
  return button;
}
function drawPages() {
  const strip = find('.pages');
  strip.hidden = pages.length < 2;
  strip.replaceChildren(
    ...pages.map((each, number) => {
      const button = document.createElement('button'),
        small = document.createElement('img');
      Object.assign(button, { type: 'button' });
      button.dataset.page = number;
      button.setAttribute('aria-pressed', number === current);
      Object.assign(small, { src: each.src, alt: each.name });
      button.append(small, each.strokes.length || '');
      return button;
    }),
  );
}
function tell(text = '') {
  const painted = new Set(pages.flatMap((each) => each.strokes.map(({ id }) => id)).filter((id) => id !== NOTHING));
  find('p[role=status]').textContent = text || (painted.size < 2 ? say(painted.size ? 'other' : 'start') : '');
}
function showPage(number) {
  current = between(0, number, pages.length - 1);
  undone = [];
  photo.src = page().src;
  sheet.style.aspectRatio = easel.style.aspectRatio = `${page().width} / ${page().height}`;
  view = { scale: 1, x: 0, y: 0 };
  look();
  refresh();
}
function refresh() {
  drawInk();
  drawFound();
  drawPalette();
  drawPages();
  tell();
}

// ---- To the server, and back. An answer that is older than what is shown is dropped.
let serial = 0,
  shown = 0,
  waiting;
async function packed(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate')),
    packedBytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let letters = '';
  for (let i = 0; i < packedBytes.length; i += 8192) letters += String.fromCharCode(...packedBytes.subarray(i, i + 8192));
  return btoa(letters);
}
async function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0)),
    stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
async function lesson() {
  const first = FIRST[settings.first];
  return {
    serial: ++serial,
    page: current,
    names: classes.map(nameOf),
    colors: classes.map(({ color }) => color),
    unseeing: settings.unseeing,
    strokes: await Promise.all(pages.map((each) => (each.strokes.length ? packed(painted(each, first)) : null))),
    pictures: pages.map(({ name }) => name),
  };
}
const ready = () => new Set(pages.flatMap((each) => each.strokes.map(({ id }) => id)).filter((id) => id !== NOTHING)).size > 1;
function learn() {
  keep();
  drawPalette();
  tell();
  clearTimeout(waiting);
  if (!ready()) {
    pages.forEach((each) => delete each.answer);
    shown = serial;
    return drawFound();
  }
  waiting = setTimeout(async () => trigger('submit', await lesson()), 60);
}
async function answered() {
  const told = document.querySelector('#teach-answer data');
  if (!told || !page()) return;
  const { serial: number, page: place, ids: mask, sure, shares, next: at, refused } = told.dataset;
  if (Number(number) <= shown) return;
  if (refused) return tell(told.querySelector(`[lang=${language()}]`).textContent);
  const answer = { mask: await unpacked(mask), sure: await unpacked(sure), shares: JSON.parse(shares), next: JSON.parse(at) };
  if (Number(number) <= shown || !pages[place] || answer.mask.length !== pages[place].width * pages[place].height) return;
  shown = Number(number);
  pages[place].answer = answer;
  root.dataset.answered = number;
  if (Number(place) === current) drawFound();
  drawPalette();
  tell();
}

// ---- Pictures come from the server as they are shown; the strokes of a picture of the same name and size stay.
function came() {
  const before = [...pages, ...(kept?.pages ?? [])],
    brought = [...document.querySelectorAll('#teach-shown data')].map((each) => ({
      name: each.value,
      src: each.dataset.src,
      width: Number(each.dataset.width),
      height: Number(each.dataset.height),
    }));
  pages = brought.map((each) => ({
    ...each,
    strokes: before.find((old) => old.name === each.name && old.width === each.width && old.height === each.height)?.strokes ?? [],
  }));
  find('.empty').hidden = pages.length > 0;
  find('.work').hidden = !pages.length;
  if (!pages.length) return;
  shown = serial;
  showPage(Math.min(current, pages.length - 1));
  if (ready()) learn();
}

// ---- Painting, moving, zooming: by mouse, finger or pen.
let view = { scale: 1, x: 0, y: 0 },
  stroke,
  spaced = false;
const fingers = new Map();
function look() {
  const { width, height } = easel.getBoundingClientRect();
  view.scale = between(1, view.scale, 16);
  view.x = between(width * (1 - view.scale), view.x, 0);
  view.y = between(height * (1 - view.scale), view.y, 0);
  sheet.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
}
function zoom(factor, clientX, clientY) {
  const box = easel.getBoundingClientRect(),
    x = (clientX ?? box.left + box.width / 2) - box.left,
    y = (clientY ?? box.top + box.height / 2) - box.top,
    scale = between(1, view.scale * factor, 16);
  view = { scale, x: x - ((x - view.x) * scale) / view.scale, y: y - ((y - view.y) * scale) / view.scale };
  look();
}
const at = ({ clientX, clientY }) => {
  const box = sheet.getBoundingClientRect();
  return [((clientX - box.left) / box.width) * page().width, ((clientY - box.top) / box.height) * page().height];
};
const radius = () => (settings.size / 2) * (page().width / sheet.getBoundingClientRect().width);
function begin(event) {
  stroke = { id: tool === 'eraser' ? NOTHING : chosen, radius: radius(), points: at(event), order: ++order };
  page().strokes.push(stroke);
  put(stamp(ids, page(), stroke));
}
function cancel() {
  if (!stroke) return;
  page().strokes.pop();
  stroke = undefined;
  drawInk();
}
function end() {
  if (!stroke) return;
  stroke = undefined;
  undone = [];
  drawPages();
  learn();
}
easel.addEventListener('pointerdown', (event) => {
  if (event.button > 1) return;
  event.preventDefault();
  easel.focus({ preventScroll: true });
  easel.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, event);
  if (fingers.size > 1) cancel();
  else if (tool !== 'hand' && !spaced && event.button === 0) begin(event);
});
easel.addEventListener('pointermove', (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  if (fingers.size > 1) {
    const [other] = [...fingers.entries()].filter(([id]) => id !== event.pointerId).map(([, each]) => each),
      apart = (each) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
    zoom(apart(event) / Math.max(apart(before), 1), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    view.x += (event.clientX - before.clientX) / 2;
    view.y += (event.clientY - before.clientY) / 2;
    look();
  } else if (stroke) {
    const from = stroke.points.length;
    for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) stroke.points.push(...at(each));
    put(stamp(ids, page(), stroke, from));
  } else {
    view.x += event.clientX - before.clientX;
    view.y += event.clientY - before.clientY;
    look();
  }
  fingers.set(event.pointerId, event);
});
for (const kind of ['pointerup', 'pointercancel'])
  easel.addEventListener(kind, (event) => {
    fingers.delete(event.pointerId);
    if (kind === 'pointerup') end();
    else cancel();
  });
easel.addEventListener(
  'wheel',
  (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
  },
  { passive: false },
);

// ---- Buttons, fields and keys.
const DO = {
  undo() {
    const last = page().strokes.pop();
    if (last) undone.push(last);
    drawInk();
    drawPages();
    learn();
  },
  redo() {
    const last = undone.pop();
    if (last) page().strokes.push(last);
    drawInk();
    drawPages();
    learn();
  },
  clear() {
    page().strokes = page().strokes.filter(({ id }) => id !== chosen);
    refresh();
    learn();
  },
  add() {
    const used = new Set(classes.map(({ color }) => color)),
      taken = new Set(classes.map(nameOf));
    let number = classes.length + 1;
    while (taken.has(`${say('class')} ${number}`)) number++;
    classes.push({ name: `${say('class')} ${number}`, color: colors.find((color) => !used.has(color)) ?? colors[0] });
    choose(classes.length - 1);
    find(`.taught[data-id="${chosen}"] [name=name]`).select();
    keep();
  },
  smaller: () => zoom(1 / 1.5),
  larger: () => zoom(1.5),
  whole() {
    view = { scale: 1, x: 0, y: 0 };
    look();
  },
};
function choose(id) {
  chosen = between(0, id, classes.length - 1);
  if (tool !== 'brush') take('brush');
  drawPalette();
}
function take(name) {
  tool = name;
  easel.dataset.tool = name;
  all('[data-tool]').forEach((button) => button.tagName === 'BUTTON' && button.setAttribute('aria-pressed', button.dataset.tool === name));
}
function remove(id) {
  classes.splice(id, 1);
  for (const each of pages)
    each.strokes = each.strokes.filter((old) => old.id !== id).map((old) => (old.id > id && old.id !== NOTHING ? { ...old, id: old.id - 1 } : old));
  pages.forEach((each) => delete each.answer);
  chosen = Math.min(chosen, classes.length - 1);
  undone = [];
  refresh();
  learn();
}
element.addEventListener('click', async ({ target }) => {
  const button = target.closest('button');
  if (!button) return;
  const { do: what, tool: picked, pick, remove: gone, style, page: number, take: kind } = button.dataset;
  if (what) DO[what]();
  if (picked) take(picked);
  if (pick) choose(Number(pick));
  if (gone) remove(Number(gone));
  if (number) (showPage(Number(number)), ready() && learn());
  if (style) {
    settings.style = style;
    all('[data-style]').forEach((each) => each.setAttribute('aria-pressed', each === button));
    drawFound();
  }
  if (kind) {
    if (!ready()) return tell();
    button.setAttribute('aria-busy', true);
    trigger('download', { ...(await lesson()), kind, chosen });
    setTimeout(() => button.removeAttribute('aria-busy'), 1500);
  }
});
element.addEventListener('input', ({ target }) => {
  const { name, value, type, checked } = target,
    row = target.closest('.taught'),
    id = Number(row?.dataset.id);
  if (name === 'color') {
    classes[id].color = value;
    row.style.setProperty('--class', value);
    drawInk();
    drawFound();
  } else if (name === 'name') classes[id].name = value;
  else if (name in settings) settings[name] = type === 'checkbox' ? checked : Number(value);
  if (name === 'opacity' || name === 'next') drawFound();
  if (name === 'first') target.nextElementSibling.value = FIRST[settings.first] === Infinity ? '∞' : FIRST[settings.first];
});
element.addEventListener('change', ({ target: { name } }) => {
  if (['name', 'color'].includes(name)) keep(); // drawn anew, the button that is being pressed would be gone
  if (['first', 'unseeing'].includes(name) && pages.length) learn();
});
const open = () => element.offsetParent !== null && pages.length > 0;
document.addEventListener('keydown', (event) => {
  if (!open() || event.target.closest('input:not([type=range]):not([type=checkbox]), textarea, [contenteditable=true]')) return;
  const key = event.key.toLowerCase(),
    bare = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (key === 'z') DO[event.shiftKey ? 'redo' : 'undo']();
  else if (!bare) return;
  else if (key === ' ' && (event.target === easel || event.target === document.body)) spaced = true;
  else if (key === 'b') take('brush');
  else if (key === 'e') take('eraser');
  else if (key >= '1' && key <= '9' && key <= classes.length) choose(Number(key) - 1);
  else if (event.target === easel && (STEPS[event.key] || key === 'enter')) byKey(event.key);
  else return;
  event.preventDefault();
});
document.addEventListener('keyup', ({ key }) => {
  if (key === ' ') spaced = false;
});

// ---- Without a pointer: the arrow keys move a ring, Enter paints a dot there.
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let ringed = [0.5, 0.5];
function byKey(key) {
  if (key === 'Enter') {
    const points = [ringed[0] * page().width, ringed[1] * page().height];
    stroke = { id: tool === 'eraser' ? NOTHING : chosen, radius: radius(), points, order: ++order };
    page().strokes.push(stroke);
    put(stamp(ids, page(), stroke));
    return end();
  }
  ringed = ringed.map((place, axis) => between(0, place + STEPS[key][axis] / 40, 0.999));
  aim.hidden = false;
  [aim.style.left, aim.style.top] = ringed.map((place) => `${100 * place}%`);
}

// ---- A reload keeps the strokes, in this browser alone.
const STORE = 'segdemo-teach';
let kept;
function store(mode, act) {
  return new Promise((done) => {
    const request = indexedDB.open(STORE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onerror = () => done();
    request.onsuccess = () => {
      const asked = act(request.result.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => (done(asked.result), request.result.close());
      asked.onerror = () => (done(), request.result.close());
    };
  });
}
function keep() {
  if (pages.length)
    store('readwrite', (box) => box.put({ classes, pages: pages.map(({ name, src, width, height, strokes }) => ({ name, src, width, height, strokes })) }, 0));
}
async function bringBack() {
  kept = await store('readonly', (box) => box.get(0));
  if (!kept?.pages.some((each) => each.strokes.length) || pages.length) return;
  classes = kept.classes;
  order = Math.max(0, ...kept.pages.flatMap((each) => each.strokes.map((one) => one.order)));
  const data = new DataTransfer(),
    into = element.closest('[role=tabpanel]')?.querySelector('.bring input[type=file]');
  if (!into) return;
  for (const each of kept.pages) data.items.add(new File([await (await fetch(each.src)).blob()], each.name, { type: 'image/jpeg' }));
  into.files = data.files;
  into.dispatchEvent(new Event('change', { bubbles: true }));
}
const opened = new IntersectionObserver((entries) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  opened.disconnect();
  bringBack();
});
opened.observe(root);
new ResizeObserver(() => pages.length && look()).observe(easel);
new MutationObserver(() => pages.length && (drawPalette(), tell())).observe(document.documentElement, { attributeFilter: ['lang'] });
take('brush');
// The server fills two parts beside this one: the pictures, and the answer to a stroke.
new MutationObserver((changes) => {
  const filled = new Set(changes.map(({ target }) => target.closest('#teach-shown, #teach-answer')?.id));
  if (filled.has('teach-shown')) came();
  if (filled.has('teach-answer')) answered();
}).observe(element.closest('[role=tabpanel]'), { childList: true, subtree: true });
came();
