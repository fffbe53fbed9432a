// HTML from the templates of `segdemo/ui/templates`, the very ones that Python fills in: nunjucks reads Jinja's language.

import nunjucks from 'nunjucks/browser/nunjucks.js';
import { LANGUAGES, classWords, formatted, say, wordsOf } from './texts.js';

nunjucks.installJinjaCompat();
export const safe = (text) => new nunjucks.runtime.SafeString(text);
let environment;

export function learn(templates, drawings) {
  const Loader = nunjucks.Loader.extend({ getSource: (name) => ({ src: templates[name], path: name, noCache: false }) });
  environment = new nunjucks.Environment(new Loader(), { autoescape: true, throwOnUndefined: false, trimBlocks: true, lstripBlocks: true });
  const globals = {
    LANGUAGES,
    spans: (words) => safe(render('words', { words })),
    both: (key, values) => safe(render('words', { words: wordsOf(key, values) })),
    say: (key, code, values) => say(key, code, values),
    class_spans: (info) => safe(render('words', { words: classWords(info) })),
    class_name: (info) => safe(render('class_name', { info })),
    drawing: (name) => safe(drawings[name]),
  };
  for (const [name, value] of Object.entries(globals)) environment.addGlobal(name, value);
  const filters = {
    percent(share, places = 1) {
      const least = 0.01 / 10 ** places;
      return share > 0 && share < least / 2 ? `<${formatted(least, `.${places}%`)}` : formatted(share, `.${places}%`);
    },
    thousands: (count) => formatted(count, ','),
    format: (pattern, value) => pattern.replace(/%\.(\d+)f/, (_, places) => value.toFixed(places)),
    tojson: (value) => safe(JSON.stringify(value ?? null)),
    data_uri: (address) => address, // Python puts the bytes into the page; here they already have an address
    attr: (value, name) => value[name],
  };
  for (const [name, filter] of Object.entries(filters)) environment.addFilter(name, filter);
}

export const render = (template, values) => environment.render(`${template}.html`, values);
