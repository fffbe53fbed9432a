// The Segment tab: pictures in, a card for each out.

import * as cards from './cards.js';
import { best, likeliest, modelOf, modelsOf, segment, suggestionsOf } from './engine.js';
import { fileOf } from './files.js';
import { PictureError, pixels } from './picture.js';
import { render } from './render.js';
import { language, say, wordsOf, wordsOfFailure } from './texts.js';

const MOST = 20,
  LONGEST_DRAWN = 1280, // as in `segdemo/ui/parts/results.py`
  LARGER = 3;

/** `chosen()` gives task, model and precision; `results` is where the cards go, `runScript` gives them life; `save(name, blob)` hands a file over;
 * `correct(file, wish)` takes a card to Teach. */
export function segmentTab({ chosen, results, runScript, save, opening, correct }) {
  let files = [],
    run = 0;
  const shown = new Set(); // addresses in the cards, given back when they go
  const answers = { download, edit: async (wish) => correct(files[wish.number] ?? (await opening()), wish) };
  const changed = runScript('card', results, (event, wish) => answers[event](wish));

  const address = (blob) => {
    const url = URL.createObjectURL(blob);
    shown.add(url);
    return url;
  };
  const clear = () => {
    shown.forEach((url) => URL.revokeObjectURL(url));
    shown.clear();
    results.replaceChildren();
  };

  async function bring(brought) {
    files = [...brought].slice(0, MOST);
    await again(brought.length > MOST && brought.length);
  }

  /** Segments what was brought as is now chosen. A later call ends an earlier one. */
  async function again(tooMany) {
    const mine = ++run,
      settings = chosen();
    if (!files.length) files = [await opening()];
    if (mine !== run) return;
    clear();
    if (tooMany) add(render('status', { kind: 'notice', words: wordsOf('too_many', { count: tooMany, limit: MOST }) }));
    let read = 0;
    for (const [number, file] of files.entries()) {
      const waiting = add(render('status', { kind: 'notice', words: wordsOf('static_working', { number: number + 1, count: files.length }) }));
      const card = await made(file, number, settings);
      if (mine !== run) return;
      waiting.remove();
      read += !add(card).matches('.error');
      changed();
    }
    add(render('status', { kind: 'unseen', words: wordsOf('done', { number: read, count: files.length }) }));
    results.dispatchEvent(new CustomEvent('done'));
  }

  function add(html) {
    results.insertAdjacentHTML('beforeend', html);
    return results.lastElementChild;
  }

  async function made(file, number, { task, model, precision }) {
    try {
      const start = performance.now(),
        picture = await pixels(file),
        size = [picture.height, picture.width],
        decode = (performance.now() - start) / 1000;
      let suggestions;
      if (task === 'auto') {
        suggestions = await suggestionsOf(file, picture);
        if (suggestions[0][0] === null) return cards.unknownCard(file.name, number, address(file), suggestions);
        task = likeliest(suggestions);
      }
      const entry = modelOf(task, model) ?? best(task),
        result = await segment(picture, entry, precision, { longest: LONGEST_DRAWN, larger: LARGER });
      result.times = { decode, ...result.times };
      const numbers = { photo: address(file), ids: address(new Blob([result.ids])), doubts: address(new Blob([result.doubts])) };
      return cards.resultCard({
        name: file.name,
        number,
        entry,
        precision,
        result,
        shown: numbers,
        size,
        chosen: suggestions ? cards.told(suggestions, task) : '',
        suggested: suggestions?.map(([name]) => name).filter((name) => name && modelsOf(name).length),
      });
    } catch (error) {
      if (!(error instanceof PictureError)) console.error(error);
      return cards.errorCard(file.name, wordsOfFailure(file.name, error));
    }
  }

  async function download(wish) {
    const busy = results.querySelector('[aria-busy=true]');
    try {
      const file = files[wish.number] ?? (await opening()),
        made = await fileOf(file, wish, modelOf(wish.task, wish.model), wish.runtime === 'litert-int8' ? 'int8' : 'float32');
      if (made) save(...made);
      else alert(say('static_nothing', language()));
    } catch (error) {
      alert(error.words?.[language()] ?? error.message);
    } finally {
      busy?.removeAttribute('aria-busy');
    }
  }

  return { bring, again, files: () => files };
}
