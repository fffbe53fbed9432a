// What the steps' scripts share: elements whose words are in both languages, and the question to the server.
function learnTools() {
  return (stage, step, data) => {
    const status = make('p', { className: 'status', role: 'status' });
    const LONGEST = 1280; // pixels of a side of a picture that is sent
    const WAITS = ['The network computes …', '网络正在计算……'];
    let first = true; // while the step's script begins: until what it asks for is there, nothing is shown that would move
    let missing = 0;
    queueMicrotask(() => (first = false));
    const asked = {}; // by what is asked for: a switch that is touched must not lose the pictures that are on their way

    // An element with its properties (what begins with aria- or data- is an attribute) and children; a list of two texts is one text in both languages.
    function make(tag, properties = {}, ...children) {
      const made = document.createElement(tag);
      Object.entries(properties).forEach(([name, value]) => (/-|role/.test(name) ? made.setAttribute(name, value) : (made[name] = value)));
      children.flatMap((child) => (Array.isArray(child) ? both(child) : [child])).forEach((child) => made.append(child));
      return made;
    }

    function both(texts) {
      return texts.map((text, i) => {
        const span = document.createElement('span');
        span.lang = ['en', 'zh'][i];
        span.textContent = text;
        return span;
      });
    }

    // The text called so, in both languages; `values` fill its places. A value may be a pair, too.
    function say(key, values = {}) {
      const fill = (text, i) => text.replace(/{(\w+)}/g, (_, name) => (Array.isArray(values[name]) ? values[name][i] : values[name]));
      return data.words[key].map(fill);
    }

    // Radio buttons that look like chips; `choices` are pairs of a value and its words (or plain text).
    function choices(label, options, value, change) {
      const name = `${step}-${label}-${Math.random().toString(36).slice(2)}`;
      const made = options.map(([option, words]) => {
        const input = make('input', { type: 'radio', name, value: option, checked: option === value });
        input.addEventListener('change', () => change(option));
        return make('label', {}, input, make('span', {}, words));
      });
      return make('fieldset', { className: 'choices' }, make('legend', {}, say(label)), ...made);
    }

    // A slider, with what its value means beside it.
    function slider(label, range, show, change) {
      const input = make('input', { type: 'range', name: `${step}-${label}`, ...range });
      input.value = range.value;
      const output = make('output', {});
      const told = () => {
        const meaning = show(Number(input.value));
        output.replaceChildren(...(Array.isArray(meaning) ? both(meaning) : [meaning]));
      };
      input.addEventListener('input', () => (told(), change(Number(input.value))));
      told();
      return make('label', { className: 'slider' }, make('span', {}, say(label)), input, output);
    }

    function button(label, press, className = '') {
      const made = make('button', { type: 'button', className }, say(label));
      made.addEventListener('click', () => press(made));
      return made;
    }

    // Where a picture of the visitor's own is chosen; `change` gets it as a Blob, or nothing when it is taken back, and tells whether it was taken.
    function ownPicture(change) {
      const file = make('input', { type: 'file', accept: 'image/*', hidden: true });
      const back = button('back', () => ((back.hidden = true), change()));
      back.hidden = true;
      file.addEventListener('change', async () => {
        const [chosen] = file.files;
        if (!chosen) return;
        const taken = await change(await smaller(chosen).catch(() => chosen)); // what this browser cannot read, the server may
        back.hidden &&= !taken;
        file.value = '';
      });
      const [own, kept] = [button('own', () => file.click()), make('span', { className: 'facts' }, say('kept'))];
      return make('div', { className: 'own' }, own, back, kept, file);
    }

    async function smaller(file) {
      const bitmap = await createImageBitmap(file);
      const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
      const canvas = make('canvas', { width: Math.round(scale * bitmap.width), height: Math.round(scale * bitmap.height) });
      canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
    }

    // Asks the server and gives its answer, or nothing if another question about the same came after or there is no answer; says so above the exhibit.
    // A `picture`, a Blob, is the visitor's own.
    async function ask(wish, about = '', picture) {
      const mine = (asked[about] = (asked[about] ?? 0) + 1);
      const begins = first;
      missing += begins;
      stage.classList.toggle('fresh', missing > 0);
      const waits = setTimeout(() => mine === asked[about] && (stage.classList.add('waiting'), status.replaceChildren(...both(WAITS))), 400);
      try {
        const answer = await call(wish, picture);
        if (mine !== asked[about]) return null;
        clearTimeout(waits);
        status.replaceChildren();
        return answer;
      } catch (error) {
        if (mine === asked[about]) failed(error);
        return null;
      } finally {
        clearTimeout(waits);
        if (mine === asked[about]) stage.classList.remove('waiting');
        if (begins) appear();
      }
    }

    // After the answer has been drawn.
    async function appear() {
      await new Promise((resolve) => setTimeout(resolve));
      await Promise.all([...stage.querySelectorAll('img')].map((image) => image.decode().catch(() => {})));
      stage.classList.toggle('fresh', --missing > 0);
    }

    function failed(error) {
      const away = error instanceof TypeError; // `fetch` has no words of its own in the page's language
      const why = away ? both(['the server cannot be reached. ', '无法连接服务器。']) : [error.message || ''];
      status.replaceChildren(...both(['No answer: ', '没有得到回答：']), ...why, retry());
    }

    function retry() {
      const again = make('button', { type: 'button' }, ['Load again', '重新加载']);
      again.addEventListener('click', () => location.reload());
      return again;
    }

    async function call(wish, picture) {
      const address = `${(window.gradio_config.root || '').replace(/\/$/, '')}/lesson/${step}`;
      const form = new FormData();
      form.append('wish', JSON.stringify(wish));
      if (picture) form.append('image', picture, 'picture.jpg');
      const answer = await (picture ? fetch(address, { method: 'POST', body: form }) : fetch(`${address}?${new URLSearchParams(form)}`));
      const said = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(`${said.detail || answer.status} `);
      return said;
    }

    // The pixels of a picture at this address: its width, height and RGBA.
    async function pixels(address) {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = make('canvas', { width: image.naturalWidth, height: image.naturalHeight });
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height);
    }

    // Intersection over union of each class that either mask has, their mean, and the share of pixels that are right.
    function score(truth, mask, count) {
      const [both, either] = [new Float64Array(count), new Float64Array(count)];
      let right = 0;
      truth.forEach((id, i) => {
        if (mask[i] === id) (right++, both[id]++, either[id]++);
        else (either[id]++, mask[i] < count && either[mask[i]]++);
      });
      const iou = [...both].map((shared, id) => (either[id] ? shared / either[id] : NaN));
      const there = iou.filter((value) => value === value);
      return { iou, mean: there.reduce((sum, value) => sum + value, 0) / there.length, right: right / truth.length };
    }

    const XMLNS = 'http://www.w3.org/2000/svg';
    function draw(tag, attributes, ...children) {
      const made = document.createElementNS(XMLNS, tag);
      Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
      made.append(...children);
      return made;
    }

    // A chart of lines: each {words, color, values: [[x, y], ...]}, x and y from 0 to 1; the point of index `marked` is emphasized, the axis begins at `low`.
    // Where points can be touched, `touch` gets the indices of the line and the point; there is another way for the keyboard.
    function chart(lines, labels = [], marked = -1, low = 0, touch) {
      const [width, height, left, bottom] = [320, 150, 30, 18];
      const x = (value) => left + value * (width - left - 20);
      const y = (value) => 8 + ((1 - value) / (1 - low)) * (height - bottom - 8);
      const grid = [low, (1 + low) / 2, 1].map((value) =>
        draw(
          'g',
          {},
          draw('line', { x1: left, x2: width, y1: y(value), y2: y(value), class: 'grid' }),
          draw('text', { x: left - 4, y: y(value) + 4, class: 'y' }, value.toFixed(low ? 2 : 1)),
        ),
      );
      const axis = labels.map((label, i) => draw('text', { x: x(i / (labels.length - 1)), y: height - 3 }, label));
      const drawn = lines.map(({ values, color }, i) => {
        const points = values.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ');
        const dot = ([a, b], place) => {
          const made = draw('circle', { cx: x(a), cy: y(b), r: place === marked ? 5 : 3, fill: color });
          const wide = draw('circle', { cx: x(a), cy: y(b), r: 12, class: 'touch' });
          wide.addEventListener('click', () => touch(i, place));
          return touch ? [made, wide] : [made];
        };
        const dots = values.flatMap((value, place) => (touch || place === marked ? dot(value, place) : []));
        return draw('g', {}, draw('polyline', { points, stroke: color, class: 'line' }), ...dots);
      });
      const key = lines.map(({ words, color }) => make('span', {}, make('i', { style: `background:${color}` }), words));
      return make(
        'figure',
        { className: 'chart' },
        draw('svg', { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' }, ...grid, ...axis, ...drawn),
        make('figcaption', {}, ...key),
      );
    }

    stage.before(status);
    return { make, both, say, choices, slider, button, ownPicture, ask, pixels, score, chart };
  };
}
