// The classes and what each was learned from, and the pictures.
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
      told.title = say('area');
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
  strip.hidden = find('.together').hidden = pages.length < 2;
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
// What there is of each class in all pictures, as the server wrote it.
function drawTable(table) {
  const frame = find('.together .table-frame');
  frame.hidden = !(settings.all && table);
  frame.innerHTML = table;
}
function tell(text = '') {
  const painted = taughtIds();
  root.dataset.painted = painted.size || '';
  all('.take button').forEach((button) => (button.disabled = !ready()));
  find('p[role=status]').textContent = text || (corrects ? (painted.size ? '' : say('wrong')) : !ready() ? say(painted.size ? 'other' : 'start') : '');
}
function showPage(number) {
  current = between(0, number, pages.length - 1);
  photo.src = page().src;
  sheet.style.aspectRatio = easel.style.aspectRatio = `${page().width} / ${page().height}`;
  view = { scale: 1, x: 0, y: 0 };
  look();
  refresh();
  wish();
}
function refresh() {
  drawInk();
  drawFound();
  drawCorrects();
  drawPalette();
  drawPages();
  tell();
}
