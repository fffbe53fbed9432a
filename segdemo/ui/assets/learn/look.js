// A place is guessed by a click; then the heat map is shown, and a grey square follows the pointer with the probability that is left.
function look(stage, tools, data) {
  const { make, say, both, choices, button, ask } = tools;
  let shown = null;
  let picture = data.pictures[0];
  const body = make('div', { className: 'pictures' });
  const told = make('p', { role: 'status' });
  const left = make('p', { role: 'status' });
  const again = make('p', {}, button('again', () => open(picture)));
  stage.append(
    choices(
      'picture',
      data.pictures.map((name) => [name, say(name)]),
      picture,
      open,
    ),
    body,
    told,
    left,
    again,
  );

  async function open(name) {
    picture = name;
    shown = null; // no guess at what is about to go
    const found = await ask({ picture, part: 'picture' });
    if (!found) return;
    shown = { ...found, at: [0.5, 0.5], guess: null, drops: null };
    const canvas = make('canvas', { width: found.width, height: found.height, tabIndex: 0, role: 'application', 'aria-labelledby': 'look-canvas' });
    shown.canvas = canvas;
    const caption = make('figcaption', {}, say('guess'));
    shown.caption = caption;
    shown.room = make('div', {}); // for the heat map: nothing jumps when it comes
    const hint = make('span', { className: 'unseen', id: 'look-canvas' }, say('canvas'));
    const layers = make('div', { className: 'layers' }, make('img', { src: found.image, alt: '' }), canvas);
    body.replaceChildren(make('figure', {}, layers, hint, caption), shown.room);
    told.replaceChildren();
    left.replaceChildren();
    again.hidden = true;
    listen(canvas);
    draw();
  }

  function listen(canvas) {
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((v) => Math.min(Math.max(v, 0), 0.999));
    };
    const move = (at) => shown && ((shown.at = at), draw(), tell());
    canvas.addEventListener('pointermove', (event) => move(place(event)));
    canvas.addEventListener('click', (event) => (move(place(event)), guess()));
    canvas.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === 'Enter') guess();
      if (!step || !shown) return;
      event.preventDefault();
      move(shown.at.map((v, i) => Math.min(Math.max(v + step[i] * 0.04, 0), 0.999)));
    });
  }

  async function guess() {
    if (!shown || shown.guess) return;
    const mine = shown;
    mine.guess = mine.at;
    draw();
    const found = await ask({ picture, part: 'heat' });
    if (!found || mine !== shown) return void (mine.guess = null);
    const all = found.heat.flat();
    const row = found.heat[Math.floor(mine.guess[1] * found.heat.length)];
    const here = row[Math.floor(mine.guess[0] * row.length)];
    const share = Math.round((100 * all.filter((value) => value < here).length) / all.length);
    told.replaceChildren(...both(say('guessed', { share })));
    mine.room.replaceWith(make('figure', {}, make('img', { src: found.map, alt: '' }), make('figcaption', {}, say('map'))));
    mine.caption.replaceChildren(...both(say('own')));
    left.replaceChildren(...both(say('computing')));
    const tried = await ask({ picture, part: 'square' });
    if (!tried || mine !== shown) return;
    Object.assign(mine, tried);
    again.hidden = false;
    left.replaceChildren(...both(say('square')));
    draw();
  }

  // The rows and columns of squares lie side by side, as they were tried.
  const cell = () => {
    const [rows, columns] = [shown.drops.length, shown.drops[0].length];
    return [Math.floor(shown.at[1] * rows), Math.floor(shown.at[0] * columns), rows, columns];
  };

  function tell() {
    if (!shown.drops) return;
    const [row, column] = cell();
    const now = Math.max(shown.before - shown.drops[row][column], 0);
    left.replaceChildren(make('span', { className: 'big' }, now.toFixed(2), ' '), ...both(say('probability', { before: shown.before.toFixed(2) })));
  }

  function draw() {
    const { canvas, width, height } = shown;
    const context = canvas.getContext('2d');
    context.clearRect(0, 0, width, height);
    if (shown.drops) {
      const [row, column, rows, columns] = cell();
      context.fillStyle = 'rgb(127, 127, 127)';
      context.fillRect((column * width) / columns, (row * height) / rows, width / columns, height / rows);
    }
    const [x, y] = shown.guess ?? shown.at;
    [
      ['#000', 5],
      [shown.guess ? '#facc15' : '#fff', 2.5],
    ].forEach(([color, wide]) => {
      context.strokeStyle = color;
      context.lineWidth = wide;
      context.beginPath();
      context.arc(x * width, y * height, 11, 0, 7);
      context.stroke();
    });
  }

  open(picture);
}
