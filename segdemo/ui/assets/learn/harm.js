// A harm of some strength, the mask that the network finds then, and the curve on many pictures.
function harm(stage, tools, data) {
  const { make, say, choices, slider, ask, chart } = tools;
  let kind = 'noise';
  let level = 0;
  const pictures = make('div', { className: 'pictures' });
  const told = make('div', {});
  const strength = make('div', {});

  async function show() {
    const found = await ask({ kind, level });
    if (!found) return;
    const figure = (src, key) => make('figure', {}, make('img', { src, alt: '' }), make('figcaption', {}, say(key)));
    pictures.replaceChildren(figure(found.image, 'picture'), figure(found.overlay, 'mask'));
    const row = (key, val) =>
      make('tr', {}, make('th', { scope: 'row' }, say(key)), make('td', {}, found[key].toFixed(2)), make('td', {}, val[level].toFixed(2)));
    const heads = ['here', 'val'].map((key) => make('th', { scope: 'col' }, say(key)));
    const table = make(
      'table',
      {},
      make('thead', {}, make('tr', {}, make('td', {}), ...heads)),
      make('tbody', {}, row('miou', found.val), row('car', found.cars)),
    );
    const line = (values) => values.map((value, i) => [i / data.levels, value]);
    const lines = [
      { words: [...say('miou')], color: '#0f766e', values: line(found.val) },
      { words: [...say('car')], color: '#d97706', values: line(found.cars) },
    ];
    told.replaceChildren(table, chart(lines, ['0', ...data.strengths[kind]], level));
  }

  function choose(name) {
    kind = name;
    level = Math.min(level, data.levels);
    const meaning = (n) => (n ? data.strengths[kind][n - 1] : say('none'));
    strength.replaceChildren(slider('level', { min: 0, max: data.levels, value: level }, meaning, (n) => ((level = n), show())));
    show();
  }

  stage.append(
    choices(
      'kind',
      data.kinds.map((name) => [name, say(name)]),
      kind,
      choose,
    ),
    pictures,
    make('div', { className: 'side below' }, strength, told),
  );
  choose(kind);
}
