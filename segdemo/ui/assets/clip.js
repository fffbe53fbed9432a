// Plays a clip's frames in the browser; the cursor in the chart follows. Gradio calls this once, with `element`, the
// component, and `watch`, which tells of a new card.
let timer;

function show(card, index) {
  const times = JSON.parse(card.dataset.times),
    { left, right } = card.dataset;
  const place = times.length > 1 ? (times[index] - times[0]) / (times.at(-1) - times[0]) : 0;
  card.querySelectorAll('.screen img').forEach((image, i) => {
    image.hidden = i !== index;
  });
  card.style.setProperty('--at', `${100 * (Number(left) + place * (right - left))}%`);
  card.querySelector('input[name=frame]').value = index;
  card.querySelector('output.now').textContent = `${times[index].toFixed(1)} s`;
}

function stop() {
  clearTimeout(timer);
  element.querySelectorAll('button.play').forEach((button) => button.classList.remove('playing'));
}

function play(card, index) {
  const times = JSON.parse(card.dataset.times);
  show(card, index);
  if (index + 1 === times.length) stop();
  else timer = setTimeout(() => play(card, index + 1), 1000 * (times[index + 1] - times[index]));
}

element.addEventListener('input', (event) => {
  if (event.target.name !== 'frame') return;
  stop();
  show(event.target.closest('article'), Number(event.target.value));
});
element.addEventListener('click', (event) => {
  const button = event.target.closest('button.play');
  if (!button) return;
  const card = button.closest('article'),
    slider = card.querySelector('input[name=frame]'),
    playing = button.classList.contains('playing');
  stop();
  if (playing) return;
  button.classList.add('playing');
  play(card, slider.value === slider.max ? 0 : Number(slider.value));
});
watch('value', () => {
  stop();
  element.querySelectorAll('article[data-times]').forEach((card) => show(card, 0));
});
