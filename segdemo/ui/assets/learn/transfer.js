// Real trainings are replayed, epoch by epoch, with the mask that each ended with; the last values of all stand beside, and can be touched.
function transfer(stage, tools, data) {
  const { make, say, choices, button, ask, chart } = tools;
  const colors = { 'from scratch': '#b45309', 'frozen backbone': '#2563eb', 'fine-tuned': '#0f766e' };
  const chosen = { start: 'from scratch', share: '5%' };
  const told = make('p', { role: 'status' });
  const epochs = make('div', {});
  const points = make('div', {});
  const pictures = make('div', { className: 'pictures' });
  let timer = 0;

  function show(epoch) {
    const run = data.runs[chosen.start][chosen.share];
    told.replaceChildren(make('span', { className: 'big' }, run[epoch - 1].toFixed(2), ' '), make('span', {}, say('miou', { epoch })));
    const line = { words: say(chosen.start), color: colors[chosen.start], values: run.slice(0, epoch).map((value, i) => [i / (run.length - 1), value]) };
    epochs.replaceChildren(
      make('p', { className: 'facts' }, say('epochs')),
      chart(
        [line],
        run.map((_, i) => String(i + 1)),
        epoch - 1,
      ),
    );
    pictures.style.visibility = epoch < run.length ? 'hidden' : ''; // it is what the last epoch found
    if (epoch < run.length) timer = setTimeout(() => show(epoch + 1), 500);
  }

  function begin() {
    clearTimeout(timer);
    const at = data.shares.indexOf(chosen.share);
    const lines = data.starts.map((start) => ({
      words: say(start),
      color: colors[start],
      values: data.shares.map((share, i) => [i / (data.shares.length - 1), data.runs[start][share].at(-1)]),
    }));
    points.replaceChildren(make('p', { className: 'facts' }, say('points')), chart(lines, data.counts.map(String), at, 0, touch));
    show(1);
    picture();
  }

  async function picture() {
    const found = await ask({ ...chosen });
    if (!found) return;
    const key = found.classes.flatMap(([en, zh, color]) => [' ', make('i', { style: `background:rgb(${color})` }), [en, zh]]);
    pictures.replaceChildren(make('figure', {}, make('img', { src: found.overlay, alt: '' }), make('figcaption', {}, say('mask'), ...key)));
  }

  function touch(line, place) {
    const [start, share] = [data.starts[line], data.shares[place]];
    stage.querySelectorAll('input').forEach((input) => (input.checked = [start, share].includes(input.value)));
    Object.assign(chosen, { start, share });
    begin();
  }

  const pick = (label, options) => choices(label, options, chosen[label], (value) => ((chosen[label] = value), begin()));
  const starts = pick(
    'start',
    data.starts.map((start) => [start, say(start)]),
  );
  const shares = pick(
    'share',
    data.shares.map((share, i) => [share, say('count', { n: data.counts[i] })]),
  );
  stage.append(make('div', { className: 'side' }, make('div', {}, starts, shares, button('replay', begin), told, epochs), make('div', {}, pictures, points)));
  begin();
}
