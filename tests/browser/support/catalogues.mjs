// The message catalogues, as far as tests need them: names and plain texts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './binaries.mjs';

/** Messages of a language by key; those with values in them are left out of the texts. */
function messages(language) {
  const folder = join(root, 'web/messages', language);
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  return new Map(lines.map((line) => /^([a-z][\w-]*) =\s*(.*)$/.exec(line)?.slice(1)).filter(Boolean));
}

const italian = messages('it');
const english = messages('en');
const englishTexts = new Set(english.values());

/** Every key, to be found nowhere in a page. */
export const keys = new Set([...italian.keys(), ...english.keys()].filter((key) => key.includes('-')));

/** Italian texts that no English page should show. */
export const italianTexts = new Set(
  [...italian.values()].filter((text) => text.length > 3 && !/[{}]/.test(text) && !englishTexts.has(text)),
);

/** What a page says: text outside what is marked as another language, and what assistive technology reads. */
export function wordsOf(page) {
  return page.evaluate(() => {
    const language = document.documentElement.lang;
    const foreign = (element) => {
      const marked = element.closest('[lang]');
      return marked && marked.lang !== language;
    };
    const words = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      if (!parentElement.closest('script, style, template') && !foreign(parentElement)) words.push(data.trim());
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
      if (foreign(element)) continue;
      for (const name of ['aria-label', 'placeholder', 'title', 'alt']) words.push(element.getAttribute(name) ?? '');
    }
    return [document.title, ...words].filter(Boolean);
  });
}
