// A click on a picture that can be asked tells where it was; so does Enter, where the arrow keys have taken the ring.
// Gradio calls this once, with `element` and `trigger`.
const STEPS = { ArrowLeft: ['--x', -2], ArrowRight: ['--x', 2], ArrowUp: ['--y', -2], ArrowDown: ['--y', 2] };

element.addEventListener('click', (event) => {
  const picture = event.target.closest('.pick img');
  if (!picture) return;
  const box = picture.getBoundingClientRect();
  trigger('click', { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
});
element.addEventListener('keydown', (event) => {
  const frame = event.target;
  const place = (axis) => parseFloat(frame.style.getPropertyValue(axis) || '50%');
  if (!frame.matches('.pick .frame') || !(event.key in STEPS || event.key === 'Enter')) return;
  event.preventDefault();
  if (event.key === 'Enter') {
    trigger('click', { x: place('--x') / 100, y: place('--y') / 100 });
    return;
  }
  const [axis, step] = STEPS[event.key];
  frame.style.setProperty(axis, `${Math.min(Math.max(place(axis) + step, 0), 98)}%`);
});
