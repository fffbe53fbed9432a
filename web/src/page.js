// The page without a server: what Gradio does for the other one, and the tabs.

import { cameraTab } from './page/camera_tab.js';
import * as cards from './page/cards.js';
import { compareTab } from './page/compare_tab.js';
import * as engine from './page/engine.js';
import * as rendering from './page/render.js';
import { segmentTab } from './page/segment_tab.js';
import { teachTab } from './page/teach_tab.js';
import * as texts from './page/texts.js';
import { reach } from './reach.js';

const find = (selector, root = document) => root.querySelector(selector),
  all = (selector, root = document) => [...root.querySelectorAll(selector)],
  query = new URLSearchParams(location.search);

function remember(name, value) {
  const now = new URLSearchParams(location.search);
  if (value === undefined) now.delete(name);
  else now.set(name, value);
  history.replaceState(history.state, '', `?${now}${location.hash}`);
}

function showLanguage(code) {
  document.documentElement.lang = code === 'zh' ? 'zh-CN' : 'en';
  document.title = find(`#masthead h1 [lang=${code}]`).textContent;
  all('[data-language]').forEach((button) => button.setAttribute('aria-pressed', button.dataset.language === code));
}

function showTheme(dark) {
  document.documentElement.classList.toggle('dark', dark);
  find('#theme').setAttribute('aria-pressed', dark);
}

function openTab(id) {
  all('[role=tab]').forEach((tab) => {
    tab.setAttribute('aria-selected', tab.dataset.tabId === id);
    tab.tabIndex = tab.dataset.tabId === id ? 0 : -1; // the arrow keys reach the others
  });
  all('[role=tabpanel]').forEach((panel) => (panel.hidden = panel.dataset.panel !== id));
  document.body.dataset.tab = id;
  remember('tab', id);
}

/** Runs a script of `segdemo/ui/assets` as Gradio would, on `element`; the function that is returned tells it of new cards. */
const scriptRunner = (scripts) => (name, element, trigger) => {
  const watchers = [];
  new Function('element', 'watch', 'trigger', scripts[name])(element, (_, watcher) => watchers.push(watcher), trigger);
  return () => watchers.forEach((watcher) => watcher());
};

function save(name, blob) {
  const link = Object.assign(document.createElement('a'), { download: name, href: URL.createObjectURL(blob) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function exampleFile(name) {
  const response = await reach(`examples/${name}.jpg`);
  return new File([await response.blob()], `${name}.jpg`, { type: 'image/jpeg' });
}

function lacks() {
  const missing = [];
  if (typeof WebAssembly === 'undefined') missing.push('WebAssembly');
  if (typeof DecompressionStream === 'undefined') missing.push('DecompressionStream');
  if (typeof OffscreenCanvas === 'undefined') missing.push('OffscreenCanvas');
  return missing;
}

async function begin() {
  showLanguage((query.get('lang') || navigator.language || 'en').toLowerCase().startsWith('zh') ? 'zh' : 'en');
  showTheme(query.has('theme') ? query.get('theme') === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  const catalog = await (await fetch('catalog.json')).json();
  texts.learn(catalog.texts);
  rendering.learn(catalog.templates, catalog.drawings);
  engine.learn(catalog);
  cards.learn(catalog);
  const missing = lacks();
  if (missing.length)
    find('#lacks').innerHTML = rendering.render('status', { kind: 'notice', words: texts.wordsOf('static_lacks', { missing: missing.join(', ') }) });

  const value = (name) => find(`input[name=${name}]:checked`)?.value,
    chosen = () => ({ task: value('task'), model: value('model') ?? 'auto', precision: value('precision') ?? catalog.precisions[0] }),
    isOpening = ({ task, model, precision }) =>
      ['auto', catalog.opening.task].includes(task) &&
      ['auto', engine.best(catalog.opening.task).model].includes(model) &&
      precision === catalog.precisions[0],
    runScript = scriptRunner(catalog.scripts);
  const teach = teachTab({ root: find('#panel-teach'), save }),
    segment = segmentTab({ chosen, results: find('#results'), runScript, save, opening: () => exampleFile(catalog.opening.example), correct: teach.correct }),
    compare = compareTab({ chosen, results: find('#comparison'), runScript }),
    camera = cameraTab({ chosen, opening: catalog.opening.task, root: find('#camera'), save });
  let compared = [], // files
    carried; // the one that came from Segment
  const shownAs = new Set([...catalog.examples, ...Object.values(catalog.tasks).flatMap(({ examples }) => examples)].map(({ name }) => name)),
    panel = () => find('[role=tab][aria-selected=true]').dataset.tabId;

  /** `example` is its name, if it is one. */
  async function bring(files, example) {
    if (!files.length) return;
    all('#unfetched, #offline').forEach((told) => (told.hidden = true));
    if (panel() !== 'teach') remember('example', example);
    if (panel() === 'compare') return compare.show((compared = [...files]));
    if (panel() === 'teach') return teach.bring(files);
    camera.stop();
    openTab('segment');
    await segment.bring(files);
  }

  function startTeaching() {
    openTab('teach');
    showChoices();
    teach.start(segment.files());
  }

  function showChoices() {
    const { task, precision } = chosen(),
      listed = panel() === 'teach' ? catalog.to_teach : task === 'auto' ? catalog.examples : catalog.tasks[task].examples;
    all('#model label').forEach((label) => {
      const { value: name } = find('input', label);
      label.hidden = name !== 'auto' && !engine.modelOf(task === 'auto' ? catalog.opening.task : task, name);
    });
    if (find('#model label[hidden] input:checked')) {
      find('#model input[value=auto]').checked = true;
      remember('model');
    }
    find('#examples').innerHTML = listed
      .map(({ name, caption }) => {
        const words = rendering.render('words', { words: caption });
        return `<button type="button" data-example="${name}"><img src="examples/${name}.small.jpg" alt="" loading="lazy"><span>${words}</span></button>`;
      })
      .join('');
    find('#note').innerHTML =
      task === 'auto' ? rendering.render('facts', { words: texts.wordsOf('automatic_note') }) : cards.note(task, chosen().model, precision);
  }

  document.addEventListener('change', ({ target }) => {
    if (target.matches('#file')) {
      bring([...target.files]);
      target.value = '';
    }
    if (!['task', 'model', 'precision'].includes(target.name)) return;
    remember(target.name, target.value);
    showChoices();
    if (panel() === 'segment') segment.again();
    if (panel() === 'compare' && compared.length) compare.show(compared);
  });
  document.addEventListener('click', async ({ target }) => {
    const { language, tabId, example, door, open, task } = target.closest('button')?.dataset ?? {};
    if (language) {
      showLanguage(language);
      remember('lang', language);
    }
    if (target.closest('#theme')) {
      const dark = !document.documentElement.classList.contains('dark');
      showTheme(dark);
      remember('theme', dark ? 'dark' : 'light');
    }
    if ((open || tabId) && tabId !== 'camera') camera.stop();
    if (open || tabId === 'teach') startTeaching();
    else if (tabId) {
      openTab(tabId);
      showChoices();
      const [first] = segment.files();
      if (first && first !== carried) compared = [(carried = first)];
      if (tabId === 'compare' && compared.length) compare.show(compared);
    }
    if (task && target.closest('#comparison')) find(`#task input[value="${task}"]`).click();
    if (door === 'photo') find('#file').click();
    if (example) bring([await exampleFile(example)], example);
  });

  find('[role=tablist]').addEventListener('keydown', ({ key, target }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key],
      tabs = all('[role=tab]');
    if (!step) return;
    const next = tabs.at((tabs.indexOf(target) + step) % tabs.length);
    next.focus();
    next.click();
  });

  addEventListener('unhandledrejection', (event) => {
    if (!texts.unreached(event.reason)) return;
    event.preventDefault();
    find('#offline').hidden = false;
  });

  document.addEventListener('error', ({ target }) => target.matches?.('#examples img') && (target.style.visibility = 'hidden'), true);

  const dropping = (is) => document.body.classList.toggle('dropping', is);
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    dropping(true);
  });
  document.addEventListener('dragleave', (event) => event.relatedTarget || dropping(false));
  document.addEventListener('drop', (event) => {
    dropping(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    bring(event.dataTransfer.files);
  });
  document.addEventListener('paste', (event) => {
    if (event.clipboardData.files.length) bring(event.clipboardData.files);
    else if (/^https?:\/\/\S+$/.test(event.clipboardData.getData('text/plain').trim())) find('#unfetched').hidden = false;
  });

  for (const name of ['task', 'model', 'precision']) {
    const input = all(`input[name=${name}]`).find((each) => each.value === query.get(name));
    if (input) input.checked = true;
  }
  openTab(all('[role=tab]').some(({ dataset }) => dataset.tabId === query.get('tab')) ? query.get('tab') : 'segment');
  showChoices();
  if (panel() === 'teach') startTeaching();
  else if (shownAs.has(query.get('example'))) bring([await exampleFile(query.get('example'))], query.get('example'));
  else if (!isOpening(chosen())) segment.again();
  document.documentElement.dataset.ready = true;
  if ('serviceWorker' in navigator && isSecureContext) navigator.serviceWorker.register('service_worker.js');
}

begin();
