// One slider zooms into all views alike, where the pointer or the arrow keys say. Gradio calls this once, with `element` and `watch`.
const STEPS = { ArrowLeft: ['--x', -5], ArrowRight: ['--x', 5], ArrowUp: ['--y', -5], ArrowDown: ['--y', 5] };
let zoom = 1;

function show() {
  element.style.setProperty('--zoom', zoom);
}

function aim(event) {
  const frame = event.target.closest('.frame');
  if (!frame) return;
  const box = frame.getBoundingClientRect();
  element.style.setProperty('--x', `${(100 * (event.clientX - box.left)) / box.width}%`);
  element.style.setProperty('--y', `${(100 * (event.clientY - box.top)) / box.height}%`);
}

element.addEventListener('keydown', (event) => {
  if (!(event.key in STEPS) || !event.target.matches('.views')) return;
  const [axis, step] = STEPS[event.key];
  const place = parseFloat(element.style.getPropertyValue(axis) || '50%');
  event.preventDefault();
  element.style.setProperty(axis, `${Math.min(Math.max(place + step, 0), 100)}%`);
});
element.addEventListener('input', (event) => {
  if (event.target.name !== 'zoom') return;
  zoom = event.target.value;
  show();
});
element.addEventListener('pointermove', aim);
element.addEventListener('pointerdown', aim);
watch('value', () => {
  element.querySelectorAll('input[name=zoom]').forEach((input) => {
    input.value = zoom;
  });
  show();
});
