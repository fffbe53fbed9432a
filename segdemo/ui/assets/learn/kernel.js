// A kernel of nine numbers on a grey photograph, its sum at one place and everywhere; then what a layer of a network sees from that place.
async function kernel(stage, tools, data) {
  const { make, say, choices, slider, button, ask, pixels } = tools;
  const { width, height } = data;
  const PRESETS = {
    edges: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
    blur: Array(9).fill(0.11),
    sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
  };
  const grey = new Float32Array(width * height);
  let weights = [...PRESETS.edges];
  let rate = 1;
  let at = [Math.round(width * 0.42), Math.round(height * 0.36)];
  let layer = 6;
  let heat = null;

  const found = await ask({});
  if (!found) return;
  const { data: rgba } = await pixels(found.image);
  grey.forEach((_, i) => (grey[i] = 0.299 * rgba[4 * i] + 0.587 * rgba[4 * i + 1] + 0.114 * rgba[4 * i + 2]));

  const name = make('span', { className: 'unseen', id: 'kernel-photo' }, say('photo'));
  const input = make('canvas', { width, height, tabIndex: 0, role: 'application', 'aria-labelledby': name.id });
  const output = make('canvas', { width, height, 'aria-hidden': 'true' });
  const field = make('canvas', { width, height, 'aria-hidden': 'true' });
  const table = make('table', { className: 'taps' });
  const total = make('p', { className: 'big', role: 'status' });
  const boxes = weights.map((_, i) => {
    const box = make('input', { type: 'number', step: 'any', 'aria-labelledby': `kernel-weight-${i}` });
    box.addEventListener('input', () => {
      weights[i] = Number(box.value) || 0;
      presets.querySelectorAll('input').forEach((radio) => (radio.checked = radio.value === 'own'));
      show();
    });
    return box;
  });
  const presets = choices(
    'kernel',
    ['edges', 'blur', 'sharpen', 'own'].map((key) => [key, say(key)]),
    'edges',
    (key) => {
      weights = [...(PRESETS[key] || weights)];
      fill();
      show();
    },
  );
  const rates = choices(
    'rate',
    [1, 6, 12].map((value) => [value, String(value)]),
    1,
    (value) => ((rate = value), show()),
  );
  const names = weights.map((_, i) => make('span', { className: 'unseen', id: `kernel-weight-${i}` }, say('weight', { n: i + 1 })));
  const terms = weights.map(() => make('span', {}));
  table.append(
    make('tbody', {}, ...[0, 3, 6].map((row) => make('tr', {}, ...[0, 1, 2].map((i) => make('td', {}, names[row + i], boxes[row + i], terms[row + i]))))),
  );
  const layers = slider(
    'layer',
    { min: 1, max: data.fields.length, value: layer },
    (n) => say('field', { n, size: data.fields[n - 1][0], stride: data.fields[n - 1][1] }),
    (n) => ((layer = n), showField()),
  );
  const measure = button('measured', async () => {
    const cell = at.map((value, i) => Math.min(Math.floor((value / [width, height][i]) * data.grid), data.grid - 1));
    heat = await ask({ x: cell[0], y: cell[1] });
    if (!heat) return;
    at = cell.map((value, i) => Math.round(((value + 0.5) / data.grid) * [width, height][i]));
    show();
  });
  const figure = (canvas, key) => make('figure', {}, canvas, make('figcaption', {}, say(key)));
  stage.append(
    make(
      'div',
      { className: 'side wide' },
      make('div', { className: 'pictures' }, figure(input, 'input'), figure(output, 'output')),
      make('div', {}, presets, rates, table, total),
    ),
    name,
    make('hr', {}),
    make('div', { className: 'side' }, figure(field, 'frame'), make('div', {}, layers, make('p', {}, measure))),
  );

  const value = (x, y) => grey[Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)];
  const taps = (x, y) => weights.map((_, i) => value(x + rate * ((i % 3) - 1), y + rate * (Math.floor(i / 3) - 1)));
  const clamp = (place) => place.map((v, i) => Math.min(Math.max(Math.round(v), 0), [width, height][i] - 1));

  function fill() {
    boxes.forEach((box, i) => (box.value = weights[i]));
  }

  function paintGrey(canvas, values) {
    const context = canvas.getContext('2d');
    const image = context.createImageData(width, height);
    values.forEach((v, i) => image.data.set([v, v, v, 255], 4 * i));
    context.putImageData(image, 0, 0);
    return context;
  }

  function show() {
    const sums = new Float32Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let i = 0; i < 9; i++) if (weights[i]) sum += weights[i] * value(x + rate * ((i % 3) - 1), y + rate * (Math.floor(i / 3) - 1));
        sums[y * width + x] = sum;
      }
    // A kernel whose numbers add up to nothing has sums around 0: shown around grey.
    const level = Math.abs(weights.reduce((sum, weight) => sum + weight, 0)) < 0.01 ? 128 : 0;
    paintGrey(
      output,
      sums.map((sum) => sum + level),
    );
    showPlace();
  }

  function showPlace() {
    const [x, y] = at;
    const context = paintGrey(input, grey);
    context.lineWidth = 1.5;
    weights.forEach((_, i) => {
      context.strokeStyle = '#000';
      context.fillStyle = '#facc15';
      context.beginPath();
      context.rect(x + rate * ((i % 3) - 1) - 2, y + rate * (Math.floor(i / 3) - 1) - 2, 4, 4);
      context.stroke();
      context.fill();
    });
    const seen = taps(x, y);
    terms.forEach((term, i) => (term.textContent = `× ${Math.round(seen[i])}`));
    const sum = seen.reduce((added, v, i) => added + v * weights[i], 0);
    total.replaceChildren(...tools.both(say('sum')), ` = ${sum.toFixed(0)}`);
    showField();
  }

  // Sizes in the network's own pixels, which are more than those shown.
  function showField() {
    const scale = Math.sqrt((width * height) / data.pixels);
    const context = paintGrey(field, grey);
    if (heat) {
      const image = context.getImageData(0, 0, width, height);
      for (let i = 0; i < width * height; i++) {
        const [x, y] = [i % width, Math.floor(i / width)];
        const cell =
          Math.min(Math.floor((y * heat.height) / height), heat.height - 1) * heat.width + Math.min(Math.floor((x * heat.width) / width), heat.width - 1);
        const share = Math.min(1, Math.sqrt(heat.heat[cell]));
        [250, 204, 21].forEach((color, c) => (image.data[4 * i + c] = image.data[4 * i + c] * (0.75 - 0.75 * share) + color * share));
      }
      context.putImageData(image, 0, 0);
    }
    const size = data.fields[layer - 1][0] * scale;
    context.strokeStyle = '#facc15';
    context.lineWidth = 3;
    context.strokeRect(at[0] - size / 2, at[1] - size / 2, size, size);
    context.fillStyle = '#facc15';
    context.fillRect(at[0] - 2, at[1] - 2, 4, 4);
  }

  const follow = (event) => {
    const box = input.getBoundingClientRect();
    heat = null;
    at = clamp([((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height]);
    showPlace();
  };
  input.addEventListener('pointermove', follow);
  input.addEventListener('pointerdown', follow);
  input.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] }[event.key];
    if (!step) return;
    event.preventDefault();
    heat = null;
    at = clamp(at.map((v, i) => v + step[i]));
    showPlace();
  });
  fill();
  show();
}
