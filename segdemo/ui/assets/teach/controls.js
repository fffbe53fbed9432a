// Buttons, fields and keys.
const DO = {
  undo: () => back(past, undone),
  redo: () => back(undone, past),
  clear() {
    changed(state());
    page().strokes = page().strokes.filter(({ id }) => id !== chosen);
    refresh();
    learn();
  },
  add() {
    const used = new Set(classes.map(({ color }) => color)),
      taken = new Set(classes.map(nameOf));
    let number = classes.length + 1;
    while (taken.has(`${say('class')} ${number}`)) number++;
    changed(state());
    classes.push({ name: `${say('class')} ${number}`, color: colors.find((color) => !used.has(color)) ?? colors[0] });
    choose(classes.length - 1);
    find(`.taught[data-id="${chosen}"] [name=name]`).select();
    keep();
  },
  async batch() {
    trigger('apply', await lesson());
    document.querySelector('[role=tab][data-tab-id=batch]').click();
  },
  afresh: () => begun(undefined, usual()),
  smaller: () => zoom(1 / 1.5),
  larger: () => zoom(1.5),
  whole() {
    view = { scale: 1, x: 0, y: 0 };
    look();
  },
};
// All that undo brings back: the classes, and the strokes of every picture.
const state = () => ({ current, classes: [...classes], strokes: pages.map(({ strokes }) => [...strokes]) });
function changed(before) {
  past = [...past.slice(-99), before];
  undone = [];
}
function back(from, to) {
  const then = from.pop();
  if (!then) return;
  to.push(state());
  if (then.classes.length !== classes.length) pages.forEach((each) => delete each.answer);
  classes = then.classes;
  pages.forEach((each, i) => (each.strokes = then.strokes[i] ?? []));
  chosen = Math.min(chosen, classes.length - 1);
  if (then.current !== current) showPage(then.current);
  else refresh();
  learn();
}
function choose(id) {
  chosen = between(0, id, classes.length - 1);
  if (!['brush', 'click'].includes(tool)) take('brush');
  drawPalette();
}
function take(name) {
  tool = name;
  easel.dataset.tool = name;
  all('[data-tool]').forEach((button) => button.tagName === 'BUTTON' && button.setAttribute('aria-pressed', button.dataset.tool === name));
  wish();
}
function remove(id) {
  changed(state());
  classes = classes.filter((_, i) => i !== id);
  for (const each of pages)
    each.strokes = each.strokes.filter((old) => old.id !== id).map((old) => (old.id > id && old.id !== NOTHING ? { ...old, id: old.id - 1 } : old));
  pages.forEach((each) => delete each.answer);
  chosen = Math.min(chosen, classes.length - 1);
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
  if (kind && !find('.take [aria-busy=true]')) {
    button.setAttribute('aria-busy', true);
    trigger('download', { ...(await lesson()), kind, chosen });
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
  } else if (name === 'name') classes[id].name = value.trim();
  else if (name in settings) settings[name] = type === 'checkbox' ? checked : Number(value);
  if (name === 'opacity' || name === 'next') drawFound();
  if (name === 'first') target.nextElementSibling.value = FIRST[settings.first] === Infinity ? '∞' : FIRST[settings.first];
});
let called; // the name of a class before it was changed
element.addEventListener('focusin', ({ target: { name, value } }) => name === 'name' && (called = value));
element.addEventListener('change', ({ target }) => {
  const { name } = target;
  if (name === 'name') {
    const names = classes.map(nameOf),
      wrong = names.includes('') || new Set(names).size < names.length;
    if (wrong) target.value = classes[target.closest('.taught').dataset.id].name = called;
    tell(wrong ? say('called') : '');
  }
  if (['name', 'color'].includes(name)) keep(); // drawn anew, the button that is being pressed would be gone
  if (['first', 'unseeing', 'all'].includes(name) && pages.length) learn();
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
  else if (key === 'c') take('click');
  else if (key >= '1' && key <= '9' && key <= classes.length) choose(Number(key) - 1);
  else if (event.target === easel && (STEPS[event.key] || key === 'enter')) byKey(event.key);
  else return;
  event.preventDefault();
});
document.addEventListener('keyup', ({ key }) => {
  if (key === ' ') spaced = false;
});

// Without a pointer: the arrow keys move a ring, Enter paints a dot there.
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let ringed = [0.5, 0.5];
function byKey(key) {
  if (key === 'Enter') {
    const points = [ringed[0] * page().width, ringed[1] * page().height];
    asItWas = state();
    stroke = { id: tool === 'eraser' ? NOTHING : chosen, radius: radius(), points, order: ++order };
    page().strokes.push(stroke);
    put(stamp(ids, page(), stroke));
    return end();
  }
  ringed = ringed.map((place, axis) => between(0, place + STEPS[key][axis] / 40, 0.999));
  aim.hidden = false;
  [aim.style.left, aim.style.top] = ringed.map((place) => `${100 * place}%`);
}
