// The Teach tab: the scripts of the other page's, `segdemo/ui/assets/teach/`, to which this page answers as its server does.

import { titleOf } from './cards.js';
import * as engine from './engine.js';
import { csvOf, palettePng, stemOf } from './files.js';
import { labelledFolder } from './labelled_folder.js';
import { pixels } from './picture.js';
import { render, safe } from './render.js';
import { taughtFile } from './taught_file.js';
import { reach } from '../reach.js';
import { LANGUAGES, classWords, language, say, wordsOf, wordsOfFailure } from './texts.js';

const LONGEST = 1000, // as in `segdemo/ui/parts/lesson.py`
  MOST = 12,
  OPACITY = 0.5;

/** `root` is the panel; `save(name, blob)` hands a file over. */
export function teachTab({ root, save }) {
  const part = (name) => root.querySelector(`#teach-${name}`),
    answers = { submit, select: looks, download };
  let begun, // the functions of the scripts, once they run
    pages = [], // { key, name, file, shown } of the pictures
    run = 0,
    keys = 0;

  /** Brings the scripts to life, the first time. */
  async function open() {
    const script = (text) => new Function('element', 'trigger', `${text}\nreturn { packed, unpacked, taughtIds };`);
    begun ??= reach('teach.js')
      .then((response) => response.text())
      .then((text) => script(text)(part('canvas'), (event, asked) => answers[event](asked)));
    await begun.catch((error) => {
      begun = undefined; // to be tried again
      throw error;
    });
  }

  /** Shows pictures: beside those that are there, if these were painted on and `instead` is not set. */
  async function bring(files, instead) {
    const mine = ++run,
      painted = !instead && begun && (await begun).taughtIds().size,
      stay = painted ? pages : [],
      fresh = [...files].filter(({ name, size }) => !stay.some((page) => page.name === name && page.file.size === size)),
      came = [],
      wrong = stay.length + fresh.length > MOST ? [wordsOf('teach_most', { most: MOST })] : [],
      names = new Set(stay.map(({ name }) => name));
    for (const file of fresh.slice(0, MOST - stay.length)) {
      const page = { key: String(++keys), file, name: apart(file.name, names) };
      try {
        came.push(page);
        page.shown = await engine.open(
          await pixels(file),
          page.key,
          [...pages, ...came].map(({ key }) => key),
          LONGEST,
        );
        page.shown.src = await address(page.shown.file);
      } catch (error) {
        came.pop();
        wrong.push(wordsOfFailure(file.name, error));
      }
      if (mine !== run) return;
    }
    if (came.length) pages = [...stay, ...came]; // what cannot be read takes nobody's place
    const told = pages.map(({ name, shown }) => ({ name, width: shown.width, height: shown.height, picture: shown.src }));
    part('shown').innerHTML = render('teach_shown', { pages: told, wrong });
    await open(); // now that there is a picture: the scripts would bring back that of another day
    if (came.length) lookAt(came[0].key);
  }

  /** Looks at a picture while the visitor takes the brush. */
  async function lookAt(key) {
    const mine = run;
    part('waits').hidden = false;
    await engine.look(key).catch(console.error); // a stroke will say what is wrong
    if (mine === run) part('waits').hidden = true;
  }

  /** What the scripts sent of a lesson, as the worker takes it. */
  async function lessonOf({ page, strokes, clicks, names, corrects }) {
    const { unpacked } = await begun,
      told = pages.map(async ({ key }, i) => ({
        key,
        strokes: strokes[i] && (await unpacked(strokes[i])),
        clicks: clicks[i].map(([y, x, id]) => ({ y, x, id })),
      }));
    const lesson = { pages: await Promise.all(told), classes: names.length };
    if (!corrects) return lesson;
    const { width, height } = pages[page].shown,
      nothing = lesson.pages.every((each) => !each.strokes && !each.clicks.length);
    if (nothing) lesson.pages[page].strokes = new Uint8Array(width * height).fill(255); // nothing is wrong yet
    return { ...lesson, corrects: engine.correctionOf(engine.modelOf(corrects.task, corrects.model), corrects.ids) };
  }

  async function submit(asked) {
    part('answer').innerHTML = await answerTo(asked).catch((error) => {
      console.error(error);
      return render('teach_refused', { serial: asked.serial, words: wordsOfFailure(pages[asked.page].name, error) });
    });
  }

  async function answerTo({ serial, page, all, names, ...asked }) {
    const { packed } = await begun,
      shown = all ? pages.map((_, number) => number) : [page],
      found = await engine.teach({ ...(await lessonOf({ page, names, ...asked })), shown });
    if (!found) return render('teach_refused', { serial, words: wordsOf('teach_other') });
    const { mask, sure, next, statistics } = found.results[shown.indexOf(page)];
    return render('teach_answer', {
      serial,
      page,
      ids: await packed(mask),
      sure: await packed(sure),
      shares: statistics.map(({ share }) => Number(share.toFixed(4))),
      next,
      table: all ? safe(table(pages, names, found.results)) : '',
    });
  }

  async function looks({ page }) {
    const { key, name } = pages[page],
      { looks, scale } = await engine.look(key, true);
    part('looks').innerHTML = render('teach_looks', { name, page, scale, looks: await (await begun).packed(looks) });
  }

  async function download({ kind, chosen, page, names, colors, ...asked }) {
    try {
      const lesson = await lessonOf({ page, names, ...asked }),
        palette = colors.map((color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16))),
        classes = names.map((name, i) => ({ name, name_zh: name, color: palette[i] })),
        found = async (number, wish = {}) => engine.found(await pixels(pages[number].file), { ...lesson, ...wish, page: number, palette, opacity: OPACITY });
      if (kind === 'classifier') {
        const { classifier } = await engine.teach({ ...lesson, shown: [] });
        return save('taught.segdemo', taughtFile(classifier, names, palette, asked.corrects));
      }
      if (kind === 'folder') return save('taught.zip', await labelledFolder(pages, classes, found));
      if (kind === 'csv') {
        const rows = [];
        for (const [number, { name }] of pages.entries()) rows.push([name, (await found(number)).statistics]);
        return save('taught.csv', csvOf(rows, classes));
      }
      const result = await found(page, { kind, classId: chosen }),
        stem = stemOf(pages[page].name);
      if (kind === 'mask') save(`${stem}.mask.png`, await palettePng(result, classes));
      else if (result.file) save(`${stem}.${kind}.${kind === 'cutout' ? 'png' : 'jpg'}`, result.file);
      else alert(say('static_nothing', language()));
    } catch (error) {
      alert(error.words?.[language()] ?? error.message);
    } finally {
      part('canvas').querySelector('[aria-busy=true]')?.removeAttribute('aria-busy');
    }
  }

  /** The picture of a card, and what its model found, to be corrected; `ids` are those of the classes in it. */
  async function correct(file, { task: name, model, ids }) {
    const task = engine.taskOf(name),
      shown = [...ids].sort((a, b) => a - b),
      spare = task.classes.map((_, id) => id).filter((id) => !ids.includes(id)),
      taught = [...shown, ...spare.slice(0, Math.max(2 - ids.length, 0))],
      hex = (color) => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`,
      classes = taught.map((id) => ({ id, words: classWords(task.classes[id]), color: hex(task.classes[id].color) })),
      title = Object.fromEntries(LANGUAGES.map((code) => [code, `${titleOf(model)}${code === 'zh' ? '，' : ', '}${task.title[code]}`]));
    await bring([file], true);
    part('corrects').innerHTML = render('teach_corrects', { token: String(++keys), name: file.name, task: name, model, title, classes });
  }

  root.querySelector('.bring input').addEventListener('change', ({ target }) => bring(target.files)); // a reload brings the pictures back through it
  /** When the tab is opened: brings what Segment shows, unless something was brought. */
  function start(files) {
    if (!run) files.length ? bring(files) : open();
  }

  return { start, bring, correct };
}

/** What there is of each class in each picture, and in all of them. */
function table(pages, names, results) {
  const sum = (id, what) => results.reduce((all, { statistics }) => all + statistics[id][what], 0),
    pixels = results.reduce((all, { mask }) => all + mask.length, 0);
  return render('teach_table', {
    names,
    lines: pages.map(({ name }, i) => [name, results[i].statistics]),
    shares: names.map((_, id) => sum(id, 'pixels') / pixels),
    regions: names.map((_, id) => sum(id, 'regions')),
  });
}

/** A name that is not among `names` yet; it is then. */
function apart(name, names) {
  let free = name;
  for (let number = 2; names.has(free); number++) free = name.replace(/(\.[^.]*)?$/, ` ${number}$1`);
  names.add(free);
  return free;
}

const address = (blob) =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
