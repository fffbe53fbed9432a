// A use is chosen; which class is found worst is guessed, and then shown with what an error costs.
function who(stage, tools, data) {
  const { make, say, choices, ask } = tools;
  const pictures = make('div', { className: 'pictures' });
  const guess = make('fieldset', { className: 'guess' });
  const told = make('div', { role: 'status' });
  const means = make('div', { className: 'means' });

  async function show(use) {
    const { classes, worst, cost, card, count, model } = data.uses[use];
    [told, means].forEach((each) => each.replaceChildren());
    const buttons = classes.map(([words, color], i) => {
      const made = make('button', { type: 'button', 'aria-pressed': 'false' }, make('i', { style: `background:rgb(${color})` }), words);
      made.addEventListener('click', () => (buttons.forEach((each, j) => each.setAttribute('aria-pressed', i === j)), tell(i)));
      return made;
    });
    guess.replaceChildren(make('legend', {}, say('guess')), ...buttons.flatMap((button) => [button, ' ']));

    const tell = (guessed) => {
      const row = ([words, color, iou], i) =>
        make(
          'tr',
          { className: i === worst ? 'total' : '' },
          make('th', { scope: 'row' }, words),
          make('td', { className: 'share' }, make('span', { style: `width:${100 * iou}%;background:rgb(${color})` })),
          make('td', {}, iou.toFixed(2)),
        );
      const said = say(guessed === worst ? 'yes' : 'no', { worst: classes[worst][0], iou: classes[worst][2].toFixed(2) });
      told.replaceChildren(
        make('p', {}, make('b', {}, said)),
        make('table', { className: 'ious' }, make('tbody', {}, ...classes.map(row))),
        make('p', { className: 'facts' }, say('val', { count, model })),
      );
      means.replaceChildren(make('h3', {}, say('cost')), make('p', {}, cost), make('h3', {}, say('card')), make('p', {}, card));
    };
    const found = await ask({ use });
    if (!found) return;
    const figure = (src, key) => make('figure', {}, make('img', { src, alt: '' }), make('figcaption', {}, say(key)));
    pictures.replaceChildren(figure(found.image, 'picture'), figure(found.overlay, 'mask'));
  }

  const names = Object.keys(data.uses);
  const uses = choices(
    'use',
    names.map((name) => [name, say(name)]),
    names[0],
    show,
  );
  stage.append(uses, make('div', { className: 'side' }, make('div', {}, pictures, means), make('div', {}, guess, told)));
  show(names[0]);
}
