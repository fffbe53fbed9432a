// What helps most is guessed; three sliders walk along measured curves, with what each place costs; two comparisons stand below.
function better(stage, tools, data) {
  const { make, say, both, button, slider, chart } = tools;
  const hours = (n) => String(n < 10 ? n.toFixed(1) : Math.round(n));
  const sliders = [
    {
      name: 'network',
      meaning: (i) => data.networks[i],
      labels: data.networks,
      cost: (i) => say('work', { n: data.work[i].toFixed(1) }),
      lines: [['miou', 'network', '#0f766e']],
      low: 0.4,
    },
    {
      name: 'data',
      meaning: (i) => say('pictures', { n: data.counts[i] }),
      labels: data.counts.map(String),
      cost: (i) => say('labels', { n: hours(data.counts[i] / 60) }),
      lines: [
        ['tuned', 'data', '#0f766e'],
        ['scratch', 'scratch', '#b45309'],
      ],
    },
    {
      name: 'preparation',
      meaning: (i) => `${100 * data.sizes[i]}%`,
      labels: data.sizes.map((size) => `${100 * size}%`),
      cost: (i) => say('pixels', { n: data.sizes[i] }),
      lines: [['miou', 'preparation', '#0f766e']],
      low: 0.6,
    },
  ];
  const told = make('div', { role: 'status' });
  const guesses = Object.keys(data.gains).map((name) => button(name, () => reveal(name)));
  const guess = make('fieldset', { className: 'guess' }, make('legend', {}, say('guess')), ...guesses.flatMap((one) => [one, ' ']));

  function bars(rows, most) {
    const row = ([words, value, marked]) =>
      make(
        'tr',
        { className: marked ? 'total' : '' },
        make('th', { scope: 'row' }, words),
        make('td', { className: 'share' }, make('span', { style: `width:${(100 * Math.max(value, 0)) / most}%;background:#0f766e` })),
        make('td', {}, value.toFixed(2)),
      );
    return make('table', { className: 'ious' }, make('tbody', {}, ...rows.map(row)));
  }

  function reveal(name) {
    const best = Object.keys(data.gains).reduce((a, b) => (data.gains[a] > data.gains[b] ? a : b));
    guesses.forEach((one, i) => one.setAttribute('aria-pressed', Object.keys(data.gains)[i] === name));
    const rows = Object.entries(data.gains).map(([key, value]) => [say(key), value, key === best]);
    told.replaceChildren(make('p', {}, make('b', {}, say(name === best ? 'yes' : 'no'))), bars(rows, data.gains[best]));
  }

  function card({ name, meaning, labels, cost, lines, low = 0 }) {
    const last = labels.length - 1;
    const [score, price, plot] = [make('p', { role: 'status' }), make('p', { className: 'facts' }), make('div', {})];
    const show = (at) => {
      score.replaceChildren(make('span', { className: 'big' }, data.curves[name][at].toFixed(2), ' '), ...both(say('miou')));
      price.replaceChildren(...both(cost(at)));
      const drawn = lines.map(([words, key, color]) => ({ words: say(words), color, values: data.curves[key].map((value, i) => [i / last, value]) }));
      plot.replaceChildren(chart(drawn, labels, at, low));
    };
    const made = make('div', {}, slider(name, { min: 0, max: last, value: 0 }, meaning, show), score, price, plot);
    show(0);
    return made;
  }

  const compared = data.pairs.map(({ question, bars: two }) =>
    make(
      'div',
      {},
      make('h3', {}, say(question)),
      bars(
        two.map(([words, value], i) => [say(words), value, i === 1]),
        1,
      ),
    ),
  );
  stage.append(
    guess,
    told,
    make('hr', {}),
    make('div', { className: 'pictures' }, ...sliders.map(card)),
    make('hr', {}),
    make('div', { className: 'side' }, ...compared),
  );
}
