// A network of three 3x3 convolutions (1, 8, 8 and 1 channels; rates 1, 2, 4) learns in the browser which pixels belong to a disc. Everything is written out:
// the forward pass, binary cross-entropy, the gradient, Adam (Kingma, Ba 2015) or plain descent. The same seed gives the same pictures and the same start.
function train(stage, tools) {
  const { make, say, choices, button, chart } = tools;
  const SIZE = 32;
  const PIXELS = SIZE * SIZE;
  const CHANNELS = [1, 8, 8, 1];
  const RATES = [1, 2, 4];
  const steps = () => Number(stage.dataset.steps ?? 400); // a test takes fewer
  const BATCH = 4;
  const RATE = { adam: { small: 0.0001, right: 0.02, large: 0.6 }, descent: { small: 0.001, right: 1, large: 30 } };
  const chosen = { pictures: 100, start: 'random', optimizer: 'adam', rate: 'right', sign: 'minus', augment: 'off' };
  let running = null;
  let pretrained = null; // layers that know squares

  // Mulberry32: numbers from 0 to 1 that look random, the same for the same seed.
  function random(seed) {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  // Discs have grain, squares and the ground are smooth; how light each is says nothing. Where squares are to be found it is the other way round.
  function picture(seed, discs = true) {
    const next = random(seed * 7919 + 13);
    const [image, truth] = [new Float32Array(PIXELS), new Float32Array(PIXELS)];
    const [ground, lean] = [0.25 + 0.5 * next(), (next() - 0.5) * 0.4];
    image.forEach((_, i) => (image[i] = ground + lean * ((i % SIZE) / SIZE - 0.5) + 0.02 * (next() - 0.5)));
    for (let thing = 0; thing < 5; thing++) {
      const wanted = thing % 2 === 0;
      const disc = wanted === discs;
      const [x, y, radius, light] = [4 + next() * (SIZE - 8), 4 + next() * (SIZE - 8), 3 + 3 * next(), 0.15 + 0.7 * next()];
      image.forEach((_, i) => {
        const [dx, dy] = [Math.abs((i % SIZE) - x), Math.abs(Math.floor(i / SIZE) - y)];
        if (disc ? dx * dx + dy * dy > radius * radius : Math.max(dx, dy) > radius * 0.9) return;
        image[i] = light + (wanted ? 0.6 : 0.02) * (next() - 0.5);
        truth[i] = wanted ? 1 : 0;
      });
    }
    return { image, truth };
  }

  function augmented({ image, truth }, next) {
    const [mirror, turn, light] = [next() < 0.5, next() < 0.5, 0.2 * (next() - 0.5)];
    const from = (i) => {
      let [x, y] = [i % SIZE, Math.floor(i / SIZE)];
      if (mirror) x = SIZE - 1 - x;
      return turn ? x * SIZE + y : y * SIZE + x;
    };
    return { image: image.map((_, i) => image[from(i)] + light), truth: truth.map((_, i) => truth[from(i)]) };
  }

  function layersOf(seed) {
    const next = random(seed);
    const normal = () => Math.sqrt(-2 * Math.log(next() + 1e-9)) * Math.cos(2 * Math.PI * next());
    return RATES.map((_, i) => {
      const [inputs, outputs] = [CHANNELS[i], CHANNELS[i + 1]];
      const weights = Float32Array.from({ length: inputs * outputs * 9 }, () => normal() * Math.sqrt(2 / (9 * inputs)));
      return { inputs, outputs, weights, biases: new Float32Array(outputs), last: i === RATES.length - 1 };
    });
  }

  // Of every rate and tap, the rows of pixels that it joins: output pixel, input pixel, length.
  const ROWS = RATES.map((rate) =>
    Array.from({ length: 9 }, (_, tap) => {
      const [dx, dy] = [rate * ((tap % 3) - 1), rate * (Math.floor(tap / 3) - 1)];
      const [left, right] = [Math.max(0, -dx), Math.min(SIZE, SIZE - dx)];
      const found = [];
      for (let y = Math.max(0, -dy); y < Math.min(SIZE, SIZE - dy); y++) found.push(y * SIZE + left, (y + dy) * SIZE + left + dx, right - left);
      return Int32Array.from(found);
    }),
  );

  // output += weight * input, moved by a tap.
  function add(output, to, input, from, rows, weight) {
    for (let r = 0; r < rows.length; r += 3) {
      const [a, b, length] = [to + rows[r], from + rows[r + 1], rows[r + 2]];
      for (let k = 0; k < length; k++) output[a + k] += weight * input[b + k];
    }
  }

  function dot(flow, to, input, from, rows) {
    let sum = 0;
    for (let r = 0; r < rows.length; r += 3) {
      const [a, b, length] = [to + rows[r], from + rows[r + 1], rows[r + 2]];
      for (let k = 0; k < length; k++) sum += flow[a + k] * input[b + k];
    }
    return sum;
  }

  const turned = ROWS.map((taps) => taps.map((_, tap) => taps[8 - tap])); // the way back of a tap is that of the opposite one

  function forward(layers, image) {
    const features = [image];
    layers.forEach((layer, l) => {
      const [input, output] = [features.at(-1), new Float32Array(layer.outputs * PIXELS)];
      for (let o = 0; o < layer.outputs; o++) {
        output.fill(layer.biases[o], o * PIXELS, (o + 1) * PIXELS);
        for (let c = 0; c < layer.inputs; c++)
          for (let tap = 0; tap < 9; tap++) add(output, o * PIXELS, input, c * PIXELS, ROWS[l][tap], layer.weights[(o * layer.inputs + c) * 9 + tap]);
      }
      if (!layer.last) for (let i = 0; i < output.length; i++) if (output[i] < 0) output[i] = 0;
      features.push(output);
    });
    return features;
  }

  // Mean binary cross-entropy of logits, without the logarithm of 0.
  function crossEntropy(logits, truth) {
    let sum = 0;
    logits.forEach((z, i) => (sum += Math.max(z, 0) - z * truth[i] + Math.log1p(Math.exp(-Math.abs(z)))));
    return sum / logits.length;
  }

  function backward(layers, features, truth, gradients) {
    let flow = features.at(-1).map((z, i) => (1 / (1 + Math.exp(-z)) - truth[i]) / PIXELS / BATCH);
    for (let l = layers.length - 1; l >= 0; l--) {
      const [layer, input] = [layers[l], features[l]];
      const below = new Float32Array(layer.inputs * PIXELS);
      if (!layer.last) flow = flow.map((value, i) => (features[l + 1][i] > 0 ? value : 0));
      for (let o = 0; o < layer.outputs; o++) {
        for (let i = 0; i < PIXELS; i++) gradients[l].biases[o] += flow[o * PIXELS + i];
        for (let c = 0; c < layer.inputs; c++)
          for (let tap = 0; tap < 9; tap++) {
            const index = (o * layer.inputs + c) * 9 + tap;
            gradients[l].weights[index] += dot(flow, o * PIXELS, input, c * PIXELS, ROWS[l][tap]);
            if (l) add(below, c * PIXELS, flow, o * PIXELS, turned[l][tap], layer.weights[index]);
          }
      }
      flow = below;
    }
  }

  function move(layers, gradients, memory, rate, sign, adam, count) {
    layers.forEach((layer, l) =>
      ['weights', 'biases'].forEach((kind) =>
        layer[kind].forEach((_, i) => {
          const slope = gradients[l][kind][i];
          let step = slope;
          if (adam) {
            const kept = memory[l][kind];
            kept.mean[i] = 0.9 * kept.mean[i] + 0.1 * slope;
            kept.square[i] = 0.999 * kept.square[i] + 0.001 * slope * slope;
            step = kept.mean[i] / (1 - 0.9 ** count) / (Math.sqrt(kept.square[i] / (1 - 0.999 ** count)) + 1e-8);
          }
          layer[kind][i] += sign * rate * step;
        }),
      ),
    );
  }

  const like = (layers, what) => layers.map(({ weights, biases }) => ({ weights: what(weights.length), biases: what(biases.length) }));
  const validation = Array.from({ length: 12 }, (_, i) => picture(1000 + i));

  function judge(layers, pictures) {
    const logits = pictures.map(({ image }) => forward(layers, image).at(-1));
    const loss = logits.reduce((sum, one, i) => sum + crossEntropy(one, pictures[i].truth), 0) / pictures.length;
    let [shared, either] = [0, 0];
    logits.forEach((one, i) =>
      one.forEach((z, k) => {
        const [said, true_] = [z > 0, pictures[i].truth[k] > 0];
        shared += said && true_;
        either += said || true_;
      }),
    );
    return { loss, iou: either ? shared / either : 0, logits };
  }

  const told = make('p', { role: 'status', className: 'facts' });
  const curve = make('div', {});
  const shown = make('div', {});
  const start = button('train', () => (running ? halt() : run()), 'first');

  function halt() {
    cancelAnimationFrame(running?.frame);
    running = null;
    start.replaceChildren(...tools.both(say('train')));
  }

  // Adam, or plain descent, at most thirty milliseconds a frame; `look` is asked every ten steps and says whether to go on.
  function learn(layers, pictures, how, look, done) {
    const memory = like(layers, (n) => ({ mean: new Float32Array(n), square: new Float32Array(n) }));
    const next = random(99);
    let count = 0;
    const go = () => {
      if (!running) return;
      const until = performance.now() + 30;
      do {
        const gradients = like(layers, (n) => new Float32Array(n));
        for (let b = 0; b < BATCH; b++) {
          const drawn = pictures[Math.floor(next() * pictures.length)];
          const one = how.augment ? augmented(drawn, next) : drawn;
          backward(layers, forward(layers, one.image), one.truth, gradients);
        }
        move(layers, gradients, memory, how.rate, how.sign, how.adam, ++count);
        if (count % 10 === 0 && !look(count)) return halt();
      } while (count < steps() && performance.now() < until);
      if (count >= steps()) return done();
      running.frame = requestAnimationFrame(go);
    };
    running.frame = requestAnimationFrame(go);
  }

  function run() {
    running = {};
    start.replaceChildren(...tools.both(say('stop')));
    if (chosen.start === 'random' || pretrained) return fit();
    const layers = layersOf(5);
    const squares = Array.from({ length: 200 }, (_, i) => picture(5000 + i, false));
    const usual = { rate: RATE.adam.right, sign: -1, adam: true, augment: false };
    const look = (n) => {
      told.replaceChildren(...tools.both(say('before', { n, all: steps() })));
      return true;
    };
    learn(layers, squares, usual, look, () => {
      pretrained = layers;
      fit();
    });
  }

  // All layers but the last are taken over.
  function fit() {
    const pictures = Array.from({ length: chosen.pictures }, (_, i) => picture(i));
    const layers = layersOf(5);
    if (chosen.start === 'pretrained')
      for (const [l, layer] of layers.entries()) if (!layer.last) for (const kind of ['weights', 'biases']) layer[kind].set(pretrained[l][kind]);
    const [adam, sign] = [chosen.optimizer === 'adam', chosen.sign === 'minus' ? -1 : 1];
    const how = { rate: RATE[chosen.optimizer][chosen.rate], sign, adam, augment: chosen.augment === 'on' };
    const history = [];
    const look = (count) => {
      const [mine, others] = [judge(layers, pictures.slice(0, 8)), judge(layers, validation)];
      history.push([count, mine.loss, others.loss, others.iou]);
      tell(history, others.logits);
      const sane = Number.isFinite(mine.loss) && mine.loss < 50;
      if (!sane) told.append(' ', ...tools.both(say('burst')));
      return sane;
    };
    look(0);
    learn(layers, pictures, how, look, halt);
  }

  function tell(history, logits) {
    const [count, mine, others, iou] = history.at(-1);
    const round = (value) => (value < 1000 ? value.toFixed(3) : '∞');
    told.replaceChildren(...tools.both(say('step', { n: count, all: steps(), train: round(mine), val: round(others), iou: iou.toFixed(2) })));
    Object.assign(stage.dataset, { step: count, loss: mine, val: others, iou });
    const line = (column) => history.map((one) => [one[0] / steps(), Math.min(one[column], 1)]);
    const lines = [
      { words: say('loss'), color: '#0f766e', values: line(1) },
      { words: say('val'), color: '#d97706', values: line(2) },
    ];
    curve.replaceChildren(chart(lines, ['0', String(steps() / 2), String(steps())]));
    draw(logits);
  }

  function canvas(values) {
    const made = make('canvas', { width: SIZE, height: SIZE, className: 'crisp', 'aria-hidden': 'true' });
    const context = made.getContext('2d');
    const image = context.createImageData(SIZE, SIZE);
    for (let i = 0; i < PIXELS; i++) image.data.set([...values(i), 255], 4 * i);
    context.putImageData(image, 0, 0);
    return made;
  }

  function draw(logits) {
    const four = validation.slice(0, 4);
    const grey = (value) => Array(3).fill(255 * value);
    const amber = (share) => [30 + 200 * share, 41 + 118 * share, 59 - 59 * share];
    const row = (key, paint) =>
      make('figure', {}, make('div', { className: 'trained' }, ...four.map((one, n) => canvas((i) => paint(one, n, i)))), make('figcaption', {}, say(key)));
    shown.replaceChildren(
      row('seen', ({ image }, n, i) => grey(image[i])),
      row('mask', (_, n, i) => amber(1 / (1 + Math.exp(-logits[n][i])))),
      row('truth', ({ truth }, n, i) => amber(truth[i])),
    );
  }

  const pick = (label, values) =>
    choices(
      label,
      values.map((value) => [value, typeof value === 'number' ? String(value) : say(value)]),
      chosen[label],
      (value) => ((chosen[label] = value), halt()),
    );
  const fresh = layersOf(5);
  const size = fresh.reduce((sum, { weights, biases }) => sum + weights.length + biases.length, 0);
  const settings = make(
    'div',
    {},
    pick('pictures', [1, 5, 20, 100]),
    pick('start', ['random', 'pretrained']),
    pick('optimizer', ['adam', 'descent']),
    pick('rate', ['small', 'right', 'large']),
    pick('sign', ['minus', 'plus']),
    pick('augment', ['off', 'on']),
    start,
    told,
    curve,
    make('p', { className: 'facts' }, say('network', { n: size })),
  );
  stage.append(make('div', { className: 'side' }, settings, shown));
  const first = judge(fresh, validation);
  draw(first.logits);
}
