// A picture is painted; the score of each class grows meanwhile.
function paint(stage, tools) {
  const { make, say, choices, slider, button, ask, pixels, score } = tools;
  const SECONDS = 60;
  let shown = null;
  let clock = 0;
  let brush = 12;
  let chosen = 1;

  const clockLine = make('p', { className: 'left', role: 'timer' });
  const body = make('div', {});
  stage.append(
    choices(
      'picture',
      ['cells', 'street'].map((name) => [name, say(name)]),
      'cells',
      open,
    ),
    body,
  );

  async function open(picture) {
    clearInterval(clock);
    const found = await ask({ picture });
    if (!found) return;
    const [truth, network] = await Promise.all([found.truth, found.found].map(pixels));
    const ids = ({ data, width, height }) => Uint8Array.from({ length: width * height }, (_, i) => data[4 * i]);
    shown = { ...found, picture, width: truth.width, height: truth.height, truth: ids(truth), network: ids(network) };
    shown.there = shown.classes.filter(({ id }) => shown.truth.includes(id));
    begin();
  }

  function begin() {
    clearInterval(clock);
    shown.mask = new Uint8Array(shown.truth.length).fill(shown.unpainted);
    Object.assign(shown, { left: SECONDS, running: false, over: false, at: [shown.width / 2, shown.height / 2], down: false });
    chosen = (shown.there.find(({ id }) => id > 0) || shown.there[0]).id;
    shown.canvas = make('canvas', { width: shown.width, height: shown.height, tabIndex: 0, role: 'application', className: 'crisp' });
    const name = make('span', { className: 'unseen', id: 'paint-canvas' }, say('canvas'));
    shown.canvas.setAttribute('aria-labelledby', name.id);
    shown.canvas.style.touchAction = 'none';
    shown.layers = make('div', { className: 'layers' }, make('img', { src: shown.image, alt: '' }), shown.canvas);
    shown.table = make('div', {});
    shown.results = make('div', { className: 'pictures' });
    const colors = shown.there.map(({ id, words, color }) => [id, [make('i', { style: `background:rgb(${color})` }), ...tools.both(words)]]);
    const tray = choices(
      'class',
      colors.map(([id]) => [id, '']),
      chosen,
      (id) => (chosen = id),
    );
    tray.querySelectorAll('label > span').forEach((span, i) => span.append(...colors[i][1]));
    const size = slider(
      'brush',
      { min: 2, max: 40, value: brush },
      (n) => say('pixels', { n }),
      (n) => (brush = n),
    );
    const buttons = make('p', {}, button('done', finish, 'done'), ' ', button('again', begin));
    body.replaceChildren(
      make('div', { className: 'side' }, make('div', {}, shown.layers, name), make('div', {}, clockLine, tray, size, buttons, shown.table)),
      shown.results,
    );
    listen(shown.canvas);
    tell();
    draw();
  }

  function listen(canvas) {
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * shown.width, ((event.clientY - box.top) / box.height) * shown.height];
    };
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      shown.at = place(event);
      stroke(shown.at);
    });
    canvas.addEventListener('pointermove', (event) => {
      const at = place(event);
      if (event.buttons) stroke(at);
      else ((shown.at = at), draw());
    });
    canvas.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step && event.key !== ' ') return;
      event.preventDefault();
      if (!step) shown.down = !shown.down;
      const far = Math.max(brush / 2, 2);
      const at = step ? shown.at.map((value, i) => Math.min(Math.max(value + far * step[i], 0), (i ? shown.height : shown.width) - 1)) : shown.at;
      if (shown.down) stroke(at);
      else ((shown.at = at), draw());
    });
  }

  // From where the brush was to here, in circles that overlap.
  function stroke(to) {
    if (shown.over) return;
    if (!shown.running) start();
    const [from, radius] = [shown.at, brush / 2];
    const steps = Math.max(Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / Math.max(radius, 1)), 1);
    for (let i = 1; i <= steps; i++) dot(from[0] + ((to[0] - from[0]) * i) / steps, from[1] + ((to[1] - from[1]) * i) / steps, radius);
    shown.at = to;
    draw();
    tell();
  }

  function dot(x, y, radius) {
    for (let row = Math.max(Math.ceil(y - radius), 0); row <= Math.min(y + radius, shown.height - 1); row++)
      for (let column = Math.max(Math.ceil(x - radius), 0); column <= Math.min(x + radius, shown.width - 1); column++)
        if ((row - y) ** 2 + (column - x) ** 2 <= radius ** 2) shown.mask[row * shown.width + column] = chosen;
  }

  function start() {
    shown.running = true;
    clock = setInterval(() => {
      shown.left--;
      if (shown.left <= 0) finish();
      else tell();
    }, 1000);
  }

  function colored(canvas, mask, opacity) {
    const context = canvas.getContext('2d');
    const image = context.createImageData(shown.width, shown.height);
    const colors = shown.classes.map(({ color }) => color);
    mask.forEach((id, i) => {
      if (id >= colors.length || (id === 0 && shown.unpainted === 0)) return;
      image.data.set([...colors[id], opacity], 4 * i);
    });
    context.putImageData(image, 0, 0);
    return context;
  }

  function draw() {
    const context = colored(shown.canvas, shown.mask, 150);
    context.strokeStyle = '#fff';
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(shown.at[0], shown.at[1], Math.max(brush / 2, 2), 0, 7);
    context.stroke();
  }

  function tell() {
    clockLine.replaceChildren(...tools.both(shown.over ? say('over') : shown.running ? say('left', { n: shown.left }) : say('ready')));
    const count = shown.classes.length;
    const columns = [score(shown.truth, shown.mask, count), ...(shown.over ? [score(shown.truth, shown.network, count)] : [])];
    const number = (value) => (value === value ? value.toFixed(2) : '–');
    const row = (words, value, className = '') =>
      make('tr', { className }, make('th', { scope: 'row' }, words), ...columns.map((column) => make('td', {}, number(value(column)))));
    const heads = ['you', 'network'].slice(0, columns.length).map((key) => make('th', { scope: 'col' }, say(key)));
    shown.table.replaceChildren(
      make(
        'table',
        {},
        make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, say('of')), ...heads)),
        make(
          'tbody',
          {},
          ...shown.there.map(({ id, words }) => row(words, ({ iou }) => iou[id])),
          row(say('miou'), ({ mean }) => mean, 'total'),
          row(say('accuracy'), ({ right }) => right),
        ),
      ),
    );
  }

  function finish() {
    clearInterval(clock);
    shown.over = true;
    const figures = ['you', 'network', 'truth'].map((key) => {
      const canvas = make('canvas', { width: shown.width, height: shown.height, className: 'crisp' });
      canvas.setAttribute('aria-hidden', 'true');
      colored(canvas, { you: shown.mask, network: shown.network, truth: shown.truth }[key], 255);
      return make('figure', {}, make('div', { className: 'layers' }, make('img', { src: shown.image, alt: '' }), canvas), make('figcaption', {}, say(key)));
    });
    shown.results.replaceChildren(...figures);
    tell();
  }

  open('cells');
}
