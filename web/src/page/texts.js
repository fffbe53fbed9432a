// The page's texts, in both languages: those of `segdemo/ui/text`, filled in as Python's `str.format` does.

import { UNREACHED } from '../reach.js';

export const LANGUAGES = ['en', 'zh'];

let texts;
export const learn = (all) => (texts = all);

const commas = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** A number as Python's `format(value, spec)`, for ".2f", ".1%", "," and nothing. */
export function formatted(value, spec = '') {
  const [, group, places, kind] = spec.match(/^(,?)(?:\.(\d+))?([f%]?)$/);
  if (kind === '%') return `${(100 * value).toFixed(places ?? 6)}%`;
  const digits = places === undefined ? String(value) : value.toFixed(places);
  return group ? commas(digits) : digits;
}

/** The text called `key`, its places filled; words in both languages among the values give their own language. */
export function say(key, language, values = {}) {
  return texts[language][key].replace(/\{\{|\}\}|\{(\w+)(?::([^}]*))?\}/g, (found, name, spec) => {
    if (!name) return found[0];
    const value = values[name]?.[language] ?? values[name];
    return typeof value === 'number' ? formatted(value, spec) : value;
  });
}

export const wordsOf = (key, values) => ({ en: say(key, 'en', values), zh: say(key, 'zh', values) });
export const unreached = (error) => !navigator.onLine || error?.message === UNREACHED;
/** What to say of a file with which something failed. */
export const wordsOfFailure = (name, error) =>
  error.words ?? (unreached(error) ? wordsOf('static_offline') : wordsOf('static_failed', { name, error: error.message }));
export const language = () => (document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');
export const classWords = ({ name, name_zh }) => ({ en: name, zh: name_zh });
export const listed = (words) => ({ en: words.map((each) => each.en).join(', '), zh: words.map((each) => each.zh).join('、') });
