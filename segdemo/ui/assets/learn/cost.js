// Bits and pixels are chosen; time, score and mask follow.
function cost(stage, tools, data) {
  const { make, say, choices, slider, ask, chart } = tools;
  let runtime = 'litert';
  let size = 1;
  const colors = { litert: '#0f766e', 'litert-int8': '#d97706' };
  const pictures = make('div', { className: 'pictures' });
  const told = make('div', {});
  const times = (n) => say('share', { n: `${n * 100}%` });

  async function show() {
    const found = await ask({ runtime, size });
    if (!found) return;
    pictures.replaceChildren(make('figure', {}, make('img', { src: found.overlay, alt: '' }), make('figcaption', {}, say('mask'))));
    const lines = Object.keys(data.runtimes).map((name) => ({
      words: say('curve', { bits: data.runtimes[name] }),
      color: colors[name],
      values: data.sizes.map((one, i) => [i / (data.sizes.length - 1), found.val.find((each) => each.runtime === name && each.size === one).miou]),
    }));
    told.replaceChildren(
      make('p', { role: 'status' }, make('span', { className: 'big' }, found.miou.toFixed(2), ' '), make('span', {}, say('miou'))),
      make('p', {}, say('time', { n: found.milliseconds })),
      make('p', {}, say('memory', { n: data.megabytes[runtime] })),
      chart(
        lines,
        data.sizes.map((one) => `${one * 100}%`),
        data.sizes.indexOf(size),
        0.5,
      ),
    );
  }

  const bits = choices('runtime', Object.entries(data.runtimes), runtime, (name) => ((runtime = name), show()));
  const range = { min: 0, max: data.sizes.length - 1, value: data.sizes.indexOf(size) };
  const pixels = slider(
    'size',
    range,
    (i) => times(data.sizes[i]),
    (i) => ((size = data.sizes[i]), show()),
  );
  stage.append(make('div', { className: 'side' }, pictures, make('div', {}, bits, pixels, told)));
  show();
}
