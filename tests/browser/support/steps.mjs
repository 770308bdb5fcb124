// What people do in more than one journey, by the words they see.
import assert from 'node:assert/strict';

import { until } from './process.mjs';

/** Presses a choice by its words: the mark itself may lie below them. */
export const choose = (page, words) => page.locator('label', { hasText: words }).click();

/** A citizen fills the form and gives back the tracking code, without separators. */
export async function askByForm(page, { kind = 'Chiedere informazioni', text, name = 'Agata Neri', email, phone }) {
  await page.goto('/sportello/richiesta');
  await choose(page, kind);
  await page.getByLabel('Il tuo messaggio').fill(text);
  await page.getByLabel('Nome e cognome').fill(name);
  if (email) await page.getByLabel('E-mail').fill(email);
  if (phone) await page.getByLabel('Telefono').fill(phone);
  await choose(page, 'Ho letto l’informativa');
  await page.getByRole('button', { name: 'Invia la richiesta' }).click();
  await page.getByRole('heading', { name: 'Abbiamo ricevuto la tua richiesta' }).waitFor();
  const code = (await page.locator('.tracking-code').textContent()).trim();
  assert.match(code, /^[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}$/);
  return code.replaceAll('-', '');
}

/** The code as people read it. */
export const grouped = (code) => code.replace(/(...)(?=.)/g, '$1-');

/** An agent opens a ticket by its code and takes it. */
export async function take(page, code) {
  await page.goto(`/scrivania/pratiche/${code}`);
  await page.getByRole('button', { name: 'Prendi in carico' }).click();
  await page.getByText('La pratica è tua').waitFor();
}

/** An agent answers the ticket on the page; `then` is one of the choices of the form. */
export async function answer(page, text, then) {
  if (text) await page.getByLabel('Testo della risposta').fill(text);
  await page.getByLabel('Poi', { exact: true }).selectOption({ label: then });
  await page.locator('.composer').getByRole('button', { name: 'Invia', exact: true }).click();
}

/** An agent sends the ticket to a unit and gives back the address of the page after it. */
export async function refer(page, { unit, why, question }) {
  await page.getByRole('link', { name: 'Invia a una struttura' }).click();
  await page.getByLabel('Struttura', { exact: true }).selectOption(unit);
  await choose(page, why);
  await page.getByLabel('Che cosa chiedi').fill(question);
  await page.locator('main').getByRole('button', { name: 'Invia', exact: true }).click();
  await page.waitForURL(/\/scrivania\/pratiche\/[0-9A-Z]{9}(\?|$)/);
}

/** Closed tickets and how many of them are front-office closures, as the supervisor reads them. */
export async function closures(page) {
  await page.goto('/scrivania/supervisione');
  const texts = await page.locator('.stats .stat-value').allTextContents();
  const [strict, wide, closed] = texts.map((text) => Number(text.replace(/[^\d,]/g, '').replace(',', '.')));
  // A rate with one decimal gives the number back for the few hundred tickets of the demo.
  const number = (rate) => Math.round((rate * closed) / 100);
  return { closed, strict: number(strict), wide: number(wide) };
}

/** Waits until the supervisor's figures are these: they follow the events a moment later. */
export function untilClosures(page, wanted) {
  return until(`the closures to be ${JSON.stringify(wanted)}`, async () => {
    assert.deepEqual(await closures(page), wanted);
    return true;
  });
}
