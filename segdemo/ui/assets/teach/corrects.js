// A result of Segment that is corrected: its classes are taught, and its mask is the start. The server says so in a part beside this one.
let corrects, coming; // what is corrected; what shall be once its picture is here
function asked() {
  const told = document.querySelector('#teach-corrects data');
  if (!told || told.dataset.token === coming?.token || told.dataset.token === corrects?.token) return;
  coming = { ...told.dataset, classes: JSON.parse(told.dataset.classes), title: JSON.parse(told.dataset.title) };
  if (pages.length === 1) adopt();
}
function adopt() {
  if (!coming || pages[0]?.name !== coming.name) return;
  const { token, task, model, title } = coming;
  begun({ token, task, model, title }, coming.classes);
  coming = undefined;
  const { top } = root.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) root.scrollIntoView();
}
// Everything anew: what is corrected, or nothing, and the classes.
function begun(what, taught) {
  corrects = what;
  classes = taught;
  kept = undefined;
  pages.forEach((each) => {
    each.strokes = [];
    delete each.answer;
  });
  past = [];
  undone = [];
  chosen = 0;
  shown = serial;
  if (pages.length) showPage(current);
  learn();
}
function drawCorrects() {
  const line = find('.corrects');
  line.hidden = !corrects;
  if (corrects) line.firstElementChild.textContent = `${say('correcting')}${corrects.title[language()]}`;
}
