// The worker, asked from the page: one request after the other.

let worker,
  facts,
  last = 0;
const LONGEST_SUGGESTED = 1600,
  waiting = new Map(),
  suggested = new WeakMap();

export function learn(known) {
  facts = known;
}

function ask(request, moved = []) {
  if (!worker) {
    worker = new Worker('worker.js');
    worker.onmessage = ({ data: { id, result, error } }) => {
      const { done, failed } = waiting.get(id);
      waiting.delete(id);
      if (error) failed(new Error(error));
      else done(result);
    };
    worker.onerror = ({ message }) => {
      for (const { failed } of waiting.values()) failed(new Error(message || 'worker.js'));
      waiting.clear();
      worker = null;
    };
  }
  return new Promise((done, failed) => {
    waiting.set(++last, { done, failed });
    worker.postMessage({ id: last, ...request }, moved);
  });
}

export const taskOf = (name) => facts.tasks[name];
export const modelsOf = (task) => facts.models.filter((each) => each.task === task);
export const best = (task) => modelsOf(task).reduce((a, b) => (b.miou > a.miou ? b : a));
export const modelOf = (task, model) => (model === 'auto' ? best(task) : facts.models.find((each) => each.task === task && each.model === model));

function askedOf(entry, precision) {
  const task = taskOf(entry.task),
    { pixels, countable, faces, background } = task;
  return {
    task: { pixels, countable, faces, background, classes: task.classes.length, palette: task.classes.map(({ color }) => color) },
    network: entry.networks[precision],
    detector: facts.detector,
    temperature: entry.temperature,
    usual: entry.usual,
  };
}

/** Segments a picture (ImageData). `longest`: of what is counted, 0 for all; `larger`: how many times as large the classes are drawn, at most. */
export const segment = (picture, entry, precision, { longest = 0, larger = 0 } = {}) =>
  ask({ work: 'segment', picture, longest, larger, asked: askedOf(entry, precision) }, [picture.data.buffer]);

/** The mask of a frame, which the network sees as large as it is; faces are not looked for first, which would take too long. */
export function live(picture, entry, precision) {
  const asked = askedOf(entry, precision);
  Object.assign(asked.task, { pixels: picture.width * picture.height, faces: false });
  return ask({ work: 'segment', picture, longest: 0, larger: 0, asked: { ...asked, live: true } }, [picture.data.buffer]);
}

/** A file to take away; see `take` in worker.js. */
export const take = (picture, entry, precision, wish) => ask({ work: 'take', picture, ...wish, asked: askedOf(entry, precision) }, [picture.data.buffer]);

/** All models of a task on one picture; see `compare` in worker.js. */
export const compare = (picture, entries, precision, wish) =>
  ask({ work: 'compare', picture, ...wish, models: entries.map((entry) => askedOf(entry, precision)) }, [picture.data.buffer]);

/** [task or null, probability] of each for a file's picture, the most probable first; asked once. */
export async function suggestionsOf(file, picture) {
  const found = suggested.get(file) ?? (await ask({ work: 'suggest', picture, longest: LONGEST_SUGGESTED, asked: facts.suggester }));
  suggested.set(file, found);
  return found;
}

/** The task of a frame, null if none fits. */
export async function seenIn(picture) {
  const [[name]] = await ask({ work: 'suggest', picture, longest: 0, asked: facts.suggester });
  return name && modelsOf(name).length ? name : null;
}

/** The most probable task of those that there is a model of. */
export const likeliest = (suggestions) => suggestions.find(([name]) => name && modelsOf(name).length)[0];

export const eyeOf = () => facts.eye;

/** A picture of the lesson, as it is painted on; `keys` are those of all that stay. See `open` in worker.js, as for the rest. */
export const open = (picture, key, keys, longest) => ask({ work: 'open', picture, key, keys, longest }, [picture.data.buffer]);

/** What is seen of a picture of the lesson, looked at once; `told`: how its cells look. */
export const look = (key, told = false) => ask({ work: 'look', key, told, eye: facts.eye });

/** What a correction of a model's result begins with: `ids` of its classes, null for a new one. */
export const correctionOf = (entry, ids) => ({ asked: askedOf(entry, facts.precisions[0]), ids });

/** What the strokes teach, and what that finds. */
export const teach = (lesson) => ask({ work: 'learn', ...lesson, eye: facts.eye });

/** What is found in a picture of the lesson at its full size, and a file of it. */
export const found = (picture, wish) => ask({ work: 'found', picture, ...wish, eye: facts.eye }, [picture.data.buffer]);
