// Four switches, the mask of the network that is left, and the features of one level, of which one is enlarged.
function skips(stage, tools, data) {
  const { make, say, choices, ask, button } = tools;
  const left = new Set(data.strides);
  const pictures = make('div', { className: 'pictures' });
  const told = make('p', { role: 'status' });
  const switches = data.strides.map((stride) => {
    const made = make('button', { type: 'button', 'aria-pressed': 'true' }, say('stride', { n: stride }));
    made.addEventListener('click', () => (left.delete(stride) || left.add(stride), cut()));
    return made;
  });
  const never = button('never', () => cut('never'));
  const notes = button('notes', () => cut('notes'));
  const every = (on) => () => (data.strides.forEach((stride) => (on ? left.add(stride) : left.delete(stride))), cut());
  const row = make(
    'fieldset',
    {},
    make('legend', {}, say('skips')),
    ...switches.flatMap((one) => [one, ' ']),
    button('all', every(true)),
    ' ',
    button('none', every(false)),
    ' ',
    never,
    ' ',
    notes,
  );
  const tiles = make('div', { className: 'tiles' });
  const large = make('figure', {});
  const levels = choices(
    'level',
    data.levels.map((level) => [level, level]),
    data.levels[0],
    look,
  );
  stage.append(row, pictures, told, make('hr', {}), levels, make('div', { className: 'side' }, tiles, large));

  async function cut(instead) {
    never.setAttribute('aria-pressed', instead === 'never');
    notes.setAttribute('aria-pressed', instead === 'notes');
    switches.forEach((one, i) => one.setAttribute('aria-pressed', !instead && left.has(data.strides[i])));
    const found = await ask({ left: instead ?? data.strides.filter((stride) => left.has(stride)).join(',') });
    if (!found) return;
    const figure = (src, key) => make('figure', {}, make('img', { src, alt: '' }), make('figcaption', {}, say(key)));
    pictures.replaceChildren(figure(found.image, 'picture'), figure(found.overlay, found.rows ? 'coarse' : 'mask'));
    if (found.rows) return told.replaceChildren(...tools.both(say('sizes', { ...found, iou: found.iou.toFixed(3) })));
    told.replaceChildren(
      ...tools.both(say('share', { share: `${(100 * found.share).toFixed(1)}%` })),
      ' · ',
      ...tools.both(say('val', { iou: found.iou.toFixed(3) })),
    );
  }

  async function look(level) {
    const found = await ask({ level }, 'level');
    if (!found) return;
    const place = (i) => `background-image:url(${found.tiles});background-position:${((i % 4) * 100) / 3}% ${(Math.floor(i / 4) * 100) / 3}%`;
    const made = Array.from({ length: data.channels }, (_, i) => {
      const tile = make(
        'button',
        { type: 'button', style: place(i), 'aria-pressed': 'false' },
        make('span', { className: 'unseen' }, say('channel', { n: i + 1 })),
      );
      tile.addEventListener('click', () => enlarge(i));
      return tile;
    });
    tiles.replaceChildren(...made);
    const enlarge = (i) => {
      made.forEach((tile, j) => tile.setAttribute('aria-pressed', i === j));
      const shown = make('div', { className: 'crisp', style: `${place(i)};background-size:400% 400%;aspect-ratio:1;border-radius:8px` });
      large.replaceChildren(shown, make('figcaption', {}, say('channel', { n: i + 1 }), ': ', say('map', found)));
    };
    enlarge(0);
  }

  cut();
  look(data.levels[0]);
}
