// A picture of the chosen size, its map of scores, and the mask that they are enlarged to.
function fcn(stage, tools, data) {
  const { make, say, choices, slider, ask } = tools;
  let width = 640;
  let variant = '32s';
  const pictures = make('div', { className: 'pictures' });
  const told = make('div', { role: 'status' });
  const height = (wide) => Math.floor((wide * 3) / 4);
  const change = async () => {
    const found = await ask({ width, variant });
    if (!found) return;
    const share = `width:${(100 * width) / data.sizes.at(-1)}%`;
    const figure = (src, caption, className = '') =>
      make('figure', {}, make('div', { style: 'aspect-ratio: 4/3' }, make('img', { src, alt: '', style: share, className })), make('figcaption', {}, caption));
    pictures.replaceChildren(figure(found.scores, say('scores', found), 'crisp'), figure(found.overlay, say('mask')));
    const row = (key) => make('tr', {}, make('th', { scope: 'row' }, say(key)), make('td', {}, found[key].toFixed(2)));
    told.replaceChildren(make('table', {}, make('tbody', {}, row('miou'), row('pole'))));
  };
  const range = { min: 0, max: data.sizes.length - 1, value: data.sizes.length - 1 };
  const size = slider(
    'width',
    range,
    (i) => say('size', { width: data.sizes[i], height: height(data.sizes[i]) }),
    (i) => ((width = data.sizes[i]), change()),
  );
  const finest = choices(
    'variant',
    data.variants.map((name) => [name, name]),
    variant,
    (name) => ((variant = name), change()),
  );
  stage.append(pictures, make('div', { className: 'side below' }, make('div', {}, finest, size), told));
  change();
}
