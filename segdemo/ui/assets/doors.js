// The three doors of the page, and pictures that are dropped or pasted anywhere on it. Gradio calls this once, with `element`.
const find = (selector) => document.querySelector(selector);
const open = (tab) => find(`[role=tab][data-tab-id=${tab}]`).click();

element.addEventListener('click', ({ target }) => {
  const { door } = target.closest('button')?.dataset || {};
  if (door === 'photo') input()?.click();
  else if (door) open(door);
  if (door === 'compare') compare(20);
});
// The picture comes along from this tab; if there is none, an example is compared.
function compare(tries) {
  if (find('#compare-picture img')) return;
  if (tries) setTimeout(compare, 100, tries - 1);
  else find('#compare-examples button')?.click();
}

// The tab that is shown takes the pictures, or if it has no use for them, this one.
function input() {
  const inputs = [...document.querySelectorAll('.bring input[type=file]')];
  const shown = inputs.find((each) => each.closest('[role=tabpanel]').offsetParent);
  if (!shown) open('segment');
  return shown || inputs[0];
}
function bring(files) {
  const data = new DataTransfer();
  [...files].forEach((file) => data.items.add(file));
  find('#unfetched').hidden = true;
  give(data, 100);
}
// A box that is still being built, or is taking other pictures in, has no input yet.
function give(data, tries) {
  const into = input();
  if (!into) return void (tries && setTimeout(give, 100, data, tries - 1));
  into.files = data.files;
  into.dispatchEvent(new Event('change', { bubbles: true }));
}

// The thumbnail of a file that is no picture: a sign, not what the browser makes of it.
const thumbnail = ({ target }) => target.closest?.('.picker .thumbnail-item')?.classList;
document.addEventListener('error', (event) => thumbnail(event)?.add('unshown'), true);
document.addEventListener('load', (event) => thumbnail(event)?.remove('unshown'), true);

// Gradio's own boxes take what is dropped on them.
const ours = (event) => event.dataTransfer.types.includes('Files') && !event.target.closest('.upload-container, .upload-wrapper');
const dropping = (is) => document.body.classList.toggle('dropping', is);
document.addEventListener('dragover', (event) => {
  dropping(ours(event));
  if (ours(event)) event.preventDefault();
});
document.addEventListener('dragleave', (event) => event.relatedTarget || dropping(false));
document.addEventListener('drop', (event) => {
  dropping(false);
  if (!ours(event)) return;
  event.preventDefault();
  bring(event.dataTransfer.files);
});

document.addEventListener('paste', (event) => {
  if (event.target.closest('textarea, input[type=text], [contenteditable=true]')) return;
  const { files } = event.clipboardData,
    text = event.clipboardData.getData('text/plain').trim();
  if (files.length) bring(files);
  else if (/^https?:\/\/\S+$/.test(text)) refuse();
  else return;
  event.preventDefault();
});
// Neither the server nor this page fetches addresses: few servers let another page read their pictures.
function refuse() {
  const sentence = find('#unfetched');
  sentence.hidden = false;
  sentence.scrollIntoView({ block: 'nearest' });
}
