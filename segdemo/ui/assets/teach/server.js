// To the server, and back. An answer that is older than what is shown is dropped.
// One question is under way at a time; Gradio would ask a later one with the earlier one's strokes.
const PATIENCE = 30_000; // milliseconds, after which an answer is lost
let serial = 0,
  shown = 0,
  waiting,
  asking = 0, // the serial of the question under way
  again = false,
  lost;
async function packed(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate')),
    packedBytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let letters = '';
  for (let i = 0; i < packedBytes.length; i += 8192) letters += String.fromCharCode(...packedBytes.subarray(i, i + 8192));
  return btoa(letters);
}
async function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0)),
    stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
async function lesson() {
  const first = FIRST[settings.first];
  return {
    serial: ++serial,
    page: current,
    names: classes.map(nameOf),
    colors: classes.map(({ color }) => color),
    unseeing: settings.unseeing,
    all: settings.all && pages.length > 1,
    corrects: corrects ? { task: corrects.task, model: corrects.model, ids: classes.map(({ id }) => id ?? null) } : null,
    strokes: await Promise.all(pages.map((each) => (each.strokes.length ? packed(painted(each, first)) : null))),
    clicks: pages.map((each) => clicksOf(each).map(({ id, points: [x, y] }) => [between(0, y / each.height, 0.9999), between(0, x / each.width, 0.9999), id])),
    pictures: pages.map(({ name }) => name),
  };
}
const taughtIds = () => new Set(pages.flatMap((each) => each.strokes.map(({ id }) => id)).filter((id) => id !== NOTHING));
const ready = () => corrects !== undefined || pages.some((each) => clicksOf(each).length) || taughtIds().size > 1;
function learn() {
  keep();
  if (!ready()) pages.forEach((each) => delete each.answer);
  drawPalette();
  tell();
  clearTimeout(waiting);
  again = false;
  if (!ready()) {
    shown = serial;
    return drawFound();
  }
  waiting = setTimeout(ask, 60);
}
async function ask() {
  again = asking > 0;
  if (again) return;
  asking = serial + 1;
  lost = setTimeout(free, PATIENCE);
  trigger('submit', await lesson());
}
function free() {
  clearTimeout(lost);
  asking = 0;
  if (again) ask();
}
async function answered() {
  const told = document.querySelector('#teach-answer data');
  if (!told || !page()) return;
  const { serial: number, page: place, ids: mask, sure, shares, next: at, refused } = told.dataset;
  if (Number(number) === asking) free();
  if (Number(number) <= shown) return;
  if (refused) return tell(told.querySelector(`[lang=${language()}]`).textContent);
  const answer = { mask: await unpacked(mask), sure: await unpacked(sure), shares: JSON.parse(shares), next: JSON.parse(at) };
  if (Number(number) <= shown || !pages[place] || answer.mask.length !== pages[place].width * pages[place].height) return;
  shown = Number(number);
  pages[place].answer = answer;
  drawTable(told.innerHTML);
  root.dataset.answered = number;
  if (Number(place) === current) drawFound();
  drawPalette();
  tell();
}

// Pictures come from the server as they are shown; the strokes of a picture of the same name and size stay.
const same = (a, b) => a?.name === b?.name && a?.width === b?.width && a?.height === b?.height;
function came() {
  const before = [...pages, ...(kept?.pages ?? [])],
    brought = [...document.querySelectorAll('#teach-shown data')].map((each) => ({
      name: each.value,
      src: each.dataset.src,
      width: Number(each.dataset.width),
      height: Number(each.dataset.height),
    })),
    added = brought.findIndex((each) => !before.some((old) => same(old, each)));
  if (!pages.every((each, i) => same(each, brought[i]))) [past, undone] = [[], []]; // what was done to pictures that are gone
  pages = brought.map((each) => {
    const { strokes = [], answer } = before.find((old) => same(old, each)) ?? {};
    return { ...each, strokes, answer };
  });
  find('.empty').hidden = pages.length > 0;
  find('.work').hidden = !pages.length;
  if (!pages.length) return;
  shown = serial;
  showPage(added < 0 ? Math.min(current, pages.length - 1) : added);
  adopt();
  if (easel.offsetParent && easel.getBoundingClientRect().bottom < innerHeight / 3) root.scrollIntoView({ behavior: 'smooth' });
  if (ready()) learn();
}
