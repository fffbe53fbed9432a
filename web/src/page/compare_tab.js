// The Compare tab: every model on one picture, and where they disagree.

import { errorCard, factsOf, titleOf, told, unfamiliar, unknownCard } from './cards.js';
import { compare, likeliest, modelsOf, suggestionsOf, taskOf } from './engine.js';
import { pixels } from './picture.js';
import { render, safe } from './render.js';
import { wordsOf, wordsOfFailure } from './texts.js';

const LONGEST_SIDE = 800,
  OPACITY = 0.65;

export function compareTab({ chosen, results, runScript }) {
  const changed = runScript('zoom', results);
  let shown = [],
    run = 0;
  const address = (blob) => shown[shown.push(URL.createObjectURL(blob)) - 1];

  /** The first of the files that can be read. */
  async function show(files) {
    const mine = ++run,
      { task, precision } = chosen(),
      wrong = [];
    results.innerHTML = render('status', { kind: 'notice', words: wordsOf('static_working', { number: 1, count: 1 }) });
    let picture, file;
    for (file of files) {
      picture = await pixels(file).catch((error) => void wrong.push(errorCard(file.name, wordsOfFailure(file.name, error))));
      if (picture) break;
    }
    if (picture && files.length > wrong.length + 1) wrong.push(render('status', { kind: 'notice', words: wordsOf('static_compare_one', { name: file.name }) }));
    const html = picture ? await made(file, picture, task, precision) : '';
    if (mine !== run) return;
    results.innerHTML = wrong.join('') + html;
    changed();
    results.dispatchEvent(new CustomEvent('done'));
  }

  async function made(file, picture, chosenTask, precision) {
    const before = shown;
    shown = [];
    try {
      const suggestions = chosenTask === 'auto' && (await suggestionsOf(file, picture));
      if (suggestions && suggestions[0][0] === null) return unknownCard(file.name, 0, address(file), suggestions);
      const name = suggestions ? likeliest(suggestions) : chosenTask,
        task = taskOf(name),
        models = modelsOf(name),
        { found, everywhere, pairs, disagreement } = await compare(picture, models, precision, { longest: LONGEST_SIDE, opacity: OPACITY });
      return render('comparison', {
        name: file.name,
        task,
        chosen: suggestions ? safe(told(suggestions, name)) : '',
        warning: safe(found.map((result, i) => unfamiliar(result, models[i], [], titleOf(models[i].model))).find(Boolean) ?? ''),
        picture: address(file),
        models: found.map((result, i) => [
          address(result.file),
          titleOf(models[i].model),
          { ...factsOf(models[i], precision), milliseconds: (1000 * result.times.network).toFixed(0) },
        ]),
        agreement: pairs && { everywhere },
        pairs: pairs?.map(([a, b, share]) => [titleOf(models[a].model), titleOf(models[b].model), share]),
        disagreement: disagreement && address(disagreement),
        classes: task.classes.filter((_, id) => found.some(({ statistics }) => statistics[id].pixels)),
      });
    } catch (error) {
      console.error(error);
      return errorCard(file.name, wordsOfFailure(file.name, error));
    } finally {
      before.forEach((url) => URL.revokeObjectURL(url));
    }
  }

  return { show };
}
