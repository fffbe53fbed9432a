// The tab Teach in the browser: strokes are painted here, only they travel to the server, and the classes that it finds are drawn here.
// Gradio calls the files of this folder once, one after the other in one scope, with `element` and `trigger`.
const find = (selector) => element.querySelector(selector),
  all = (selector) => [...element.querySelectorAll(selector)],
  between = (low, value, high) => Math.min(Math.max(value, low), high);
const NOTHING = 255,
  FIRST = [1, 2, 5, Infinity]; // how many strokes of a class are used
const root = find('.teach'),
  { colors, names, words, most } = Object.fromEntries(Object.entries({ ...root.dataset }).map(([key, value]) => [key, JSON.parse(value)]));
const language = () => (document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'),
  say = (key) => words[key][language()];
const easel = find('.easel'),
  sheet = find('.sheet'),
  photo = find('.sheet img'),
  ink = find('canvas.ink'),
  found = find('canvas.found'),
  next = find('.next'),
  aim = find('.aim');

// What is taught: classes, and of each picture ("page") its strokes, oldest first. What was before each change waits in `past`, what was undone in `undone`.
const usual = () => [0, 1].map((i) => ({ usual: i, color: colors[i] }));
let classes = usual(),
  pages = [],
  current = 0,
  chosen = 0,
  tool = 'brush',
  past = [],
  undone = [],
  order = 0; // of strokes, over all pages
const page = () => pages[current],
  nameOf = (each) => each.name ?? (each.words ?? names[each.usual])[language()],
  settings = { style: 'fill', opacity: 50, size: 16, next: true, unseeing: false, first: 3, all: false };
const rgb = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)),
  opaque = (color) => new Uint32Array(new Uint8ClampedArray([...color, 255]).buffer)[0];
