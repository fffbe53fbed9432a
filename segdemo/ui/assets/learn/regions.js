// Regions left of a handle, the network's classes right of it.
function regions(stage, tools, data) {
  const { make, say, choices, slider, ask } = tools;
  const chosen = { method: 'slic', count: 40, shown: 'regions' };
  const [left, right] = [make('img', { alt: '', draggable: false }), make('img', { alt: '', draggable: false })];
  const handle = make('input', { type: 'range', min: 0, max: 100, value: 50 });
  const told = make('p', { role: 'status', className: 'facts' });
  const key = make('p', { className: 'facts' });
  const wipe = () => (right.style.clipPath = `inset(0 0 0 ${handle.value}%)`);
  const show = async () => {
    const found = await ask(chosen);
    if (!found) return;
    [left.src, right.src] = [found.left, found.right];
    told.replaceChildren(...tools.both(say('found', { n: found.found })));
    key.replaceChildren(...found.classes.flatMap(([en, zh, color]) => [make('i', { style: `background:rgb(${color})` }), ...tools.both([en, zh]), ' ']));
  };
  const pick = (label, values) =>
    choices(
      label,
      values.map((value) => [value, say(value)]),
      chosen[label],
      (value) => ((chosen[label] = value), show()),
    );
  const range = { min: 0, max: data.counts.length - 1, value: data.counts.indexOf(chosen.count) };
  const count = slider(
    'count',
    range,
    (i) => String(data.counts[i]),
    (i) => ((chosen.count = data.counts[i]), show()),
  );
  handle.addEventListener('input', wipe);
  const both = make('div', { className: 'layers pictures pulled' }, left, right);
  const pull = ({ clientX, buttons }) => {
    const box = both.getBoundingClientRect();
    if (buttons) ((handle.value = (100 * (clientX - box.left)) / box.width), wipe());
  };
  both.addEventListener('pointerdown', pull);
  both.addEventListener('pointermove', pull);
  const label = make('label', { className: 'slider' }, make('span', { className: 'unseen' }, say('handle')), handle);
  const settings = make('div', {}, pick('method', data.methods), count, pick('shown', data.shown), told, key);
  stage.append(make('div', { className: 'side wide' }, make('div', {}, both, label), settings));
  wipe();
  show();
}
