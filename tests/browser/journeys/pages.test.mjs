// Every page that somebody can reach: its links, its accessibility, its language.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { allowComplaint } from '../support/browser.mjs';
import { italianTexts, keys, wordsOf } from '../support/catalogues.mjs';
import { crawl } from '../support/crawl.mjs';
import { admin, deskOf, giada, referent, samira, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { CITIZEN } from '../support/mail.mjs';
import { askByForm } from '../support/steps.mjs';

// What a page looks like does not depend on the database.
const LOOKS = { timeout: 20 * 60_000, on: 'sqlite' };
const NARROW = { width: 390, height: 844 };
const WIDE = { width: 1440, height: 900 };
const MINUTES = 60_000;

// One computer opens more pages here than a citizen would.
const config = () => '[citizen]\nform_seconds = 0\nlookups = 10000\nforms_per_hour = 1000\n';

const staff = [
  ['an agent', giada, '/scrivania/coda/nuove'],
  ['a supervisor', supervisor, '/scrivania/supervisione'],
  ['an administrator', admin, '/scrivania/coda/nuove'],
  ['a referent', referent, '/referente'],
];

/** A citizen's own request, proven by the address it was made with. */
async function proveRequest(page) {
  const code = await askByForm(page, { text: 'Quando passa lo spazzamento?', email: CITIZEN });
  await page.goto(`/sportello/pratica/${code}`);
  await page.getByLabel('E-mail o telefono').fill(CITIZEN);
  await page.getByRole('button', { name: 'Mostra i messaggi' }).click();
  await page.getByRole('heading', { name: 'Messaggi' }).waitFor();
  return `/sportello/pratica/${code}`;
}

async function accessible(page) {
  const size = page.viewportSize();
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    await noViolations(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${page.url()} is ${over} px wider than a screen of ${viewport.width} px`);
  }
  await page.setViewportSize(size);
}

async function inEnglish(page) {
  const { pathname } = new URL(page.url());
  assert.equal(await page.getAttribute('html', 'lang'), 'en', `language of ${pathname}`);
  const words = await wordsOf(page);
  const wrong = words.filter((text) => keys.has(text) || italianTexts.has(text));
  assert.deepEqual(wrong, [], `untranslated on ${pathname}`);
}

async function withoutKeys(page) {
  const shown = (await wordsOf(page)).filter((text) => keys.has(text));
  assert.deepEqual(shown, [], `message keys on ${page.url()}`);
}

journeys('every page', { demo: true, config }, (journey) => {
  for (const [name, who, path] of staff) {
    journey(`${name} finds no broken link, no error and no message key`, { timeout: 5 * MINUTES }, async ({ newPage }) => {
      const page = await deskOf(newPage, who, { path });
      const visited = await crawl(page, path, { each: 2, visit: withoutKeys });
      assert.ok(visited.length > (who === referent ? 4 : 20), visited.join(' '));
    });
  }

  // An administrator reaches every page of a supervisor and an agent; what is sent has the fullest page.
  for (const [name, who, path] of [
    ['an agent', giada, '/scrivania/coda/inviate'],
    ['an administrator', admin, '/scrivania/supervisione'],
    ['a referent', referent, '/referente'],
  ]) {
    journey(`${name} meets no accessibility violation, wide or narrow`, LOOKS, async ({ newPage }) => {
      const page = await deskOf(newPage, who, { path });
      await crawl(page, path, { each: 1, visit: accessible });
    });
  }

  journey('the page of accounts is accessible, also with a new password or a refusal on it', LOOKS, async ({ newPage }) => {
    const page = await deskOf(newPage, admin, { path: '/scrivania/utenti' });
    await accessible(page);
    allowComplaint(page, /409/);
    for (const heading of ['Utente creato', 'Controlla']) {
      await page.getByLabel('Nome e cognome').fill('Lucia Neri');
      await page.getByLabel('Indirizzo e-mail, con cui accede').fill('lucia.neri@comune.valdoria.example');
      await page.getByRole('button', { name: 'Crea l’utente' }).click();
      await page.getByText(heading).first().waitFor();
      await accessible(page);
    }
  });

  journey('a citizen finds no broken link, no error and no message key', { timeout: 5 * MINUTES }, async ({ newPage }) => {
    const page = await newPage();
    await crawl(page, await proveRequest(page), { each: 2, visit: withoutKeys });
  });

  journey('a citizen meets no accessibility violation, wide or narrow', LOOKS, async ({ newPage }) => {
    const page = await newPage();
    const mine = await proveRequest(page);
    await accessible(page);
    await crawl(page, mine, { each: 1, visit: accessible });
  });

  journey('in English a citizen reads no Italian of ours', { timeout: 5 * MINUTES }, async ({ newPage }) => {
    const page = await newPage();
    const mine = await proveRequest(page);
    await page.getByRole('link', { name: 'English' }).click();
    await crawl(page, mine, { each: 1, visit: inEnglish });
  });

  journey('in English an agent reads no Italian of ours', { timeout: 5 * MINUTES }, async ({ newPage }) => {
    const page = await deskOf(newPage, samira);
    await crawl(page, '/scrivania/coda/nuove', { each: 1, visit: inEnglish });
  });
});
