// Channels, bits and pixels are chosen, or a picture of one's own; time, score and mask follow.
function cost(stage, tools, data) {
  const { make, say, choices, slider, ownPicture, ask, chart } = tools;
  const wish = { width: 1, runtime: 'litert', size: 1 };
  let mine;
  const colors = { litert: '#0f766e', 'litert-int8': '#d97706' };
  const pictures = make('div', { className: 'pictures' });
  const told = make('div', {});
  const percent = (n) => `${n * 100}%`;

  async function show(changes) {
    Object.assign(wish, changes);
    const found = await ask(wish, '', mine);
    if (!found) return false;
    channels.disabled = found.narrow === false;
    const width = channels.disabled ? 0 : data.widths.indexOf(wish.width);
    channels.querySelectorAll('input').forEach((input, i) => (input.checked = i === width));
    pictures.replaceChildren(make('figure', {}, make('img', { src: found.overlay, alt: '' }), make('figcaption', {}, say('mask'))));
    const lines = Object.keys(data.runtimes).map((name) => ({
      words: say('curve', { bits: data.runtimes[name] }),
      color: colors[name],
      values: data.curves[width][name].map((miou, i) => [i / (data.sizes.length - 1), miou]),
    }));
    const big = mine ? `${(100 * found.same).toFixed(1)}%` : found.miou.toFixed(2);
    told.replaceChildren(
      make('p', { role: 'status' }, make('span', { className: 'big' }, big, ' '), make('span', {}, say(mine ? 'same' : 'miou'))),
      ...(mine ? [make('p', {}, say('network', { task: found.task }), ' ', ...(channels.disabled ? [say('narrow')] : []))] : []),
      make('p', {}, say('time', { n: found.milliseconds })),
      make('p', {}, say('memory', { n: data.megabytes[width][wish.runtime] })),
      chart(lines, data.sizes.map(percent), data.sizes.indexOf(wish.size), 0.5),
    );
    return true;
  }

  const channels = choices(
    'width',
    data.widths.map((width) => [width, percent(width)]),
    wish.width,
    (width) => show({ width }),
  );
  const bits = choices('runtime', Object.entries(data.runtimes), wish.runtime, (runtime) => show({ runtime }));
  const range = { min: 0, max: data.sizes.length - 1, value: data.sizes.indexOf(wish.size) };
  const pixels = slider(
    'size',
    range,
    (i) => say('share', { n: percent(data.sizes[i]) }),
    (i) => show({ size: data.sizes[i] }),
  );
  const own = ownPicture(async (picture) => {
    const before = mine;
    mine = picture;
    if (await show()) return true;
    mine = before; // what cannot be read must not stand in the way of the next touch
    return false;
  });
  stage.append(make('div', { className: 'side' }, make('div', {}, pictures, own), make('div', {}, bits, pixels, channels, told)));
  show();
}
