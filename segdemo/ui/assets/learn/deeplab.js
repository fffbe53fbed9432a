// Branches of the pyramid are taken away or kept alone, or its rates; the disc grows.
function deeplab(stage, tools, data) {
  const { make, say, choices, slider, ask, chart } = tools;
  let [how, branch, at] = ['all', data.branches[0], 4];
  const pictures = make('div', { className: 'pictures' });
  const told = make('div', { role: 'status' });

  async function show() {
    const one = ['without', 'only'].includes(how);
    which.style.visibility = one ? '' : 'hidden';
    const found = await ask({ kept: one ? `${how} ${branch}` : how, radius: data.radii[at] });
    if (!found) return;
    const figure = (src, key) => make('figure', {}, make('img', { src, alt: '', className: 'crisp' }), make('figcaption', {}, say(key)));
    pictures.replaceChildren(figure(found.image, 'drawn'), figure(found.overlay, 'mask'));
    const line = { words: say('curve'), color: '#0f766e', values: found.radii.map((iou, i) => [i / (data.radii.length - 1), iou]) };
    told.replaceChildren(
      make('p', {}, make('span', { className: 'big' }, found.iou.toFixed(2), ' '), make('span', {}, say('iou'))),
      chart([line], data.radii.map(String), at),
    );
  }

  const ways = choices(
    'how',
    ['all', 'no rates', 'without', 'only'].map((name) => [name, say(name)]),
    how,
    (name) => ((how = name), show()),
  );
  const which = choices(
    'branch',
    data.branches.map((name) => [name, say(name)]),
    branch,
    (name) => ((branch = name), show()),
  );
  const range = { min: 0, max: data.radii.length - 1, value: at };
  const larger = slider(
    'radius',
    range,
    (i) => say('near', { n: data.radii[i] }),
    (i) => ((at = i), show()),
  );
  stage.append(make('div', { className: 'side' }, pictures, make('div', {}, larger, ways, which, told)));
  show();
}
