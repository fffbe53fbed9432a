// A result as a card: the values that `segdemo/ui/parts/results.py` hands to the same template.

import { best, modelsOf, taskOf } from './engine.js';
import { render, safe } from './render.js';
import { classWords, formatted, listed, wordsOf } from './texts.js';

const FOUND = 0.001,
  OFFERED = 3,
  OTHERS = 2,
  MENTIONED = 6,
  TAKEN = ['cutout', 'blurred', 'greyed', 'colored', 'overlay', 'mask', 'csv', 'json'],
  OF_CLASSES = TAKEN.slice(0, 4),
  RUNTIMES = { int8: 'litert-int8', float32: 'litert' },
  RUNTIME_TITLES = { int8: 'LiteRT int8', float32: 'LiteRT' },
  CAPTIONS = { fill: 'mask', confidence: 'style_confidence', entropy: 'style_entropy' };

let tasks, titles;
export function learn(catalog) {
  tasks = Object.values(catalog.tasks);
  titles = catalog.titles;
}

export const titleOf = (model) => titles[model];
const offered = (name, suggested = []) => [...new Set([...suggested.map(taskOf), ...tasks])].filter((task) => task.name !== name);
const names = (task, rows) => listed(rows.map(({ id }) => classWords(task.classes[id])));
const bySize = (statistics) => statistics.filter((each) => each.pixels).sort((a, b) => b.pixels - a.pixels);

/** The card of one picture; `shown` holds the addresses of its photograph and numbers. */
export function resultCard({ name, number, entry, precision, result, shown, size, chosen = '', suggested }) {
  const task = taskOf(entry.task),
    [height, width] = size,
    whole = result.width === width && result.height === height,
    statistics = result.statistics.map((each) => ({ ...each, pixels: Math.round(each.share * height * width) })),
    found = statistics.filter((each) => each.id !== task.background),
    present = bySize(statistics),
    absent = statistics.filter((each) => !each.pixels),
    nothing = found.reduce((sum, each) => sum + each.share, 0) < FOUND,
    others = offered(task.name, suggested),
    times = Object.fromEntries(Object.entries(result.times).map(([step, seconds]) => [step, (1000 * seconds).toFixed(0)]));
  times.total = Object.values(result.times)
    .reduce((sum, seconds) => sum + 1000 * seconds, 0)
    .toFixed(0);
  return render('card', {
    heading: `result-${crypto.getRandomValues(new Uint32Array(1))[0].toString(16)}`,
    name,
    number,
    entry,
    runtime: RUNTIMES[precision],
    task: { ...task, background_id: task.background },
    title: `${titles[entry.model]}, ${RUNTIME_TITLES[precision]}`,
    width,
    height,
    counted: whole ? null : [result.width, result.height],
    times,
    model_facts: factsOf(entry, precision),
    chosen: raw(chosen),
    warning: raw(nothing ? '' : unfamiliar(result, entry, others.slice(0, OFFERED))),
    nothing,
    known: names(task, found),
    others,
    words: nothing ? { en: '', zh: '' } : inWords(task, statistics, task.countable),
    palette: task.classes.map((each) => each.color),
    photo: shown.photo,
    drawn: result.drawn,
    ids: shown.ids,
    doubts: shown.doubts,
    captions: CAPTIONS,
    present,
    absent: absent.length ? names(task, absent) : null,
    more: '',
    correctable: true,
    taken: TAKEN.filter((kind) => !(nothing && OF_CLASSES.includes(kind))),
  });
}

const raw = safe;

/** The sentences of `output/words.py`. */
export function inWords(task, statistics, counted) {
  const present = bySize(statistics),
    rest = present.length - MENTIONED,
    parts = present.slice(0, MENTIONED).map(({ id, share, regions }) => {
      const part = share >= 0.005 ? formatted(share, '.0%') : '<1%',
        many = counted && id === 1,
        { name, name_zh } = task.classes[id];
      return { en: `${name} ${part}${many ? ` (${regions} counted)` : ''}`, zh: `${name_zh} ${part}${many ? `（共 ${regions} 个）` : ''}` };
    }),
    en = parts.map((each) => each.en).join(', '),
    zh = parts.map((each) => each.zh).join('，'),
    unsure = present.reduce((a, b) => (b.confidence < a.confidence ? b : a)),
    { name, name_zh } = task.classes[unsure.id],
    sure = unsure.confidence.toFixed(2),
    more = rest > 0 ? { en: `, and ${rest} more`, zh: `，另有 ${rest} 类` } : { en: '', zh: '' },
    doubt = present.length > 1 ? { en: `; least sure about the ${name} (${sure})`, zh: `；最不确定的是${name_zh}（${sure}）` } : { en: '', zh: '' };
  return { en: `${en[0].toUpperCase()}${en.slice(1)}${more.en}${doubt.en}.`, zh: `${zh}${more.zh}${doubt.zh}。` };
}

export const factsOf = (entry, precision) => entry.facts[precision];

export function unfamiliar(result, entry, others = [], by = '') {
  if (!result.unfamiliar) return '';
  const values = { trained_on: taskOf(entry.task).trained_on, confidence: result.found.toFixed(2), usual: entry.usual.toFixed(2) };
  return render('warning', { words: result.located ? wordsOf('no_face') : wordsOf('unfamiliar', values), others, by });
}

/** How the task was chosen, with the likeliest others a tap away. */
export function told(suggestions, taken) {
  const share = suggestions.find(([name]) => name === taken)[1],
    others = suggestions.map(([name]) => name).filter((name) => name && name !== taken && modelsOf(name).length);
  return render('chosen', { task: taskOf(taken), share, others: others.slice(0, OTHERS).map(taskOf) });
}

export function unknownCard(name, number, picture, suggestions) {
  const likely = suggestions.map(([task]) => task).filter((task) => task && modelsOf(task).length),
    known = new Set([...likely, ...tasks.map((task) => task.name)]); // nobody suggests a task of one's own
  return render('unknown', { name, number, picture, share: suggestions[0][1], tasks: [...known].map(taskOf) });
}

export const errorCard = (name, words) => render('error_card', { kind: 'result error', name, words });
export const note = (task, model, precision) => {
  const entry = model === 'auto' ? best(task) : modelsOf(task).find((each) => each.model === model);
  return render('note', { task: taskOf(task), sentence: entry.sentence, model_facts: factsOf(entry, precision) });
};
