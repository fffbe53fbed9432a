// Branches of the pyramid are taken away or kept alone; the car comes nearer.
function deeplab(stage, tools, data) {
  const { make, say, choices, slider, ask } = tools;
  let [how, branch, scale] = ['all', data.branches[0], 1];
  const pictures = make('div', { className: 'pictures' });
  const told = make('div', { role: 'status' });

  async function show() {
    which.hidden = how === 'all';
    const found = await ask({ kept: how === 'all' ? 'all' : `${how} ${branch}`, scale });
    if (!found) return;
    pictures.replaceChildren(make('figure', {}, make('img', { src: found.overlay, alt: '' }), make('figcaption', {}, say('mask'))));
    const row = (key) => make('tr', {}, make('th', { scope: 'row' }, say(key)), make('td', {}, found[key].toFixed(2)));
    told.replaceChildren(make('table', {}, make('tbody', {}, row('car'), row('miou'), row('val'))));
  }

  const ways = choices(
    'how',
    ['all', 'without', 'only'].map((name) => [name, say(name)]),
    how,
    (name) => ((how = name), show()),
  );
  const which = choices(
    'branch',
    data.branches.map((name) => [name, say(name)]),
    branch,
    (name) => ((branch = name), show()),
  );
  const range = { min: 0, max: data.scales.length - 1, value: 0 };
  const nearer = slider(
    'scale',
    range,
    (i) => say('near', { n: data.scales[i] }),
    (i) => ((scale = data.scales[i]), show()),
  );
  stage.append(make('div', { className: 'side' }, pictures, make('div', {}, ways, which, nearer, told)));
  show();
}
