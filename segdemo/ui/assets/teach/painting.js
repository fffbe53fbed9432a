// Painting, moving, zooming: by mouse, finger or pen.
let view = { scale: 1, x: 0, y: 0 },
  stroke,
  asItWas, // before the stroke, see `state`
  spaced = false;
const fingers = new Map();
function look() {
  const { width, height } = easel.getBoundingClientRect();
  view.scale = between(1, view.scale, 16);
  view.x = between(width * (1 - view.scale), view.x, 0);
  view.y = between(height * (1 - view.scale), view.y, 0);
  sheet.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
}
function zoom(factor, clientX, clientY) {
  const box = easel.getBoundingClientRect(),
    x = (clientX ?? box.left + box.width / 2) - box.left,
    y = (clientY ?? box.top + box.height / 2) - box.top,
    scale = between(1, view.scale * factor, 16);
  view = { scale, x: x - ((x - view.x) * scale) / view.scale, y: y - ((y - view.y) * scale) / view.scale };
  look();
}
const at = ({ clientX, clientY }) => {
  const box = sheet.getBoundingClientRect();
  return [((clientX - box.left) / box.width) * page().width, ((clientY - box.top) / box.height) * page().height];
};
const radius = () => (settings.size / 2) * (page().width / sheet.getBoundingClientRect().width);
function begin(event) {
  asItWas = state();
  stroke = { id: tool === 'eraser' ? NOTHING : chosen, radius: radius(), points: at(event), order: ++order };
  if (tool === 'click') Object.assign(stroke, { click: true, radius: Math.max(page().width, page().height) / 200 });
  page().strokes.push(stroke);
  put(stamp(ids, page(), stroke));
}
function cancel() {
  if (!stroke) return;
  page().strokes.pop();
  stroke = undefined;
  drawInk();
}
function end() {
  if (!stroke) return;
  stroke = undefined;
  changed(asItWas);
  drawPages();
  learn();
}
easel.addEventListener('pointerdown', (event) => {
  if (event.button > 1) return;
  event.preventDefault();
  easel.focus({ preventScroll: true });
  easel.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, event);
  if (fingers.size > 1) cancel();
  else if (tool !== 'hand' && !spaced && event.button === 0) begin(event);
});
easel.addEventListener('pointermove', (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  if (fingers.size > 1) {
    const [other] = [...fingers.entries()].filter(([id]) => id !== event.pointerId).map(([, each]) => each),
      apart = (each) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
    zoom(apart(event) / Math.max(apart(before), 1), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    view.x += (event.clientX - before.clientX) / 2;
    view.y += (event.clientY - before.clientY) / 2;
    look();
  } else if (stroke) {
    if (stroke.click) return;
    const from = stroke.points.length;
    for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) stroke.points.push(...at(each));
    put(stamp(ids, page(), stroke, from));
  } else {
    view.x += event.clientX - before.clientX;
    view.y += event.clientY - before.clientY;
    look();
  }
  fingers.set(event.pointerId, event);
});
for (const kind of ['pointerup', 'pointercancel'])
  easel.addEventListener(kind, (event) => {
    fingers.delete(event.pointerId);
    if (kind === 'pointerup') end();
    else cancel();
  });
easel.addEventListener(
  'wheel',
  (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
  },
  { passive: false },
);
