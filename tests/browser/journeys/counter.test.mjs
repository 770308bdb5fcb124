// The counter: a visit in three keystrokes, taken back by a fourth, and the form filled in together.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, giada, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { choose, closures, untilClosures } from '../support/steps.mjs';

const NARROW = { width: 390, height: 844 };

journeys('the counter', { demo: true }, (journey) => {
  journey('three keys register a visit, and one takes it back', async ({ newPage }) => {
    const boss = await deskOf(newPage, supervisor);
    const before = await closures(boss);
    const page = await deskOf(newPage, giada, { path: '/scrivania/coda/nuove' });
    await page.keyboard.press('v');
    await page.waitForURL(/\/scrivania\/sportello$/);
    await page.waitForLoadState('load');
    await noViolations(page);
    const topic = await page.locator('label[for=topic-3]').innerText();
    await page.keyboard.press('3');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'topic-3');
    await page.keyboard.press('Enter');
    const done = page.getByRole('status').filter({ hasText: 'Visita registrata' });
    await done.waitFor();
    assert.ok(topic.includes((await done.locator('.notice-title').innerText()).replace('Visita registrata: ', '')), topic);
    await noViolations(page);
    const after = { closed: before.closed + 1, strict: before.strict + 1, wide: before.wide + 1 };
    await untilClosures(boss, after);

    await page.waitForLoadState('load');
    await page.keyboard.press('z');
    await page.getByText('Visita annullata').waitFor();
    await untilClosures(boss, before);
  });

  journey('on a telephone, by touch, for somebody the desk knows', async ({ newPage }) => {
    const page = await deskOf(newPage, giada, { path: '/scrivania/sportello', viewport: NARROW });
    await choose(page, 'Un altro argomento');
    await page.getByLabel('Classificazione').selectOption({ index: 2 });
    await choose(page, 'Lascia aperta');
    await page.getByLabel('Cerca la persona').fill('333 000 11 22');
    await choose(page, 'Una persona nuova');
    await page.getByLabel('Nome e cognome').fill('Ines Trevisan');
    await noViolations(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
    await page.getByRole('button', { name: 'Registra la visita' }).click();
    await page.getByText('Visita registrata').waitFor();
    await page.getByRole('link', { name: 'Apri la pratica' }).click();
    await page.getByText('Ines Trevisan').first().waitFor();
  });

  journey('keys do nothing in a field, and can be turned off', async ({ newPage }) => {
    const page = await deskOf(newPage, giada, { path: '/scrivania/coda/nuove' });
    await page.keyboard.press('/');
    await page.keyboard.type('v3');
    assert.equal(await page.locator('#desk-search').inputValue(), 'v3');
    await page.getByRole('button', { name: 'Scorciatoie' }).click();
    await choose(page, 'Scorciatoie con un tasto attive');
    await noViolations(page);
    await page.getByRole('button', { name: 'Chiudi' }).click();
    await page.keyboard.press('v');
    await page.reload();
    await page.keyboard.press('v');
    await page.keyboard.press('?');
    assert.equal(new URL(page.url()).pathname, '/scrivania/coda/nuove');
    assert.equal(await page.locator('#shortcuts').evaluate((dialog) => dialog.open), false);
  });

  journey('the form is filled in together, and the receipt is printed', async ({ newPage }) => {
    const page = await deskOf(newPage, giada, { path: '/scrivania/sportello' });
    await page.getByRole('link', { name: 'Compila il modulo con la persona' }).click();
    await noViolations(page);
    await choose(page, 'Segnalare un problema');
    await page.getByLabel('Il tuo messaggio').fill('Il lampione davanti a casa è spento.');
    await page.getByRole('textbox', { name: 'Telefono' }).fill('333 444 55 66');
    await choose(page, 'Ho letto alla persona l’informativa');
    await page.getByRole('button', { name: 'Invia la richiesta e stampa la ricevuta' }).click();
    await page.getByRole('heading', { name: 'Ricevuta della richiesta' }).waitFor();
    await noViolations(page);
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('.receipt-code').isVisible());
    assert.equal(await page.locator('.rail').isVisible(), false);
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('link', { name: 'Apri la pratica' }).click();
    await page.getByText('Modulo compilato con un operatore').waitFor();
  });
});
