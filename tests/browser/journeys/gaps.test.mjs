// From what is missing to what is published: the list of what to write next, a draft from a ticket, the sheet.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';

const HERE = '/scrivania/schede/cosa-scrivere';

journeys('what to write next', { demo: true }, (journey) => {
  journey('an editor drafts from a ticket what citizens miss, takes out what is personal, and publishes it', async ({ newPage }) => {
    const editor = await deskOf(newPage, supervisor, { path: HERE });
    await noViolations(editor);
    const row = editor.getByRole('row').filter({ has: editor.getByRole('button', { name: /^Scrivi la scheda/ }) }).first();
    assert.ok((await row.textContent()).match(/\d/), 'the gain is told');
    await row.getByRole('button', { name: /^Scrivi la scheda/ }).click();
    await editor.waitForURL('**/bozza');
    await noViolations(editor);
    const code = new URL(editor.url()).pathname.split('/').at(-2);

    await editor.getByRole('link', { name: 'Modifica la bozza' }).click();
    for (const label of ['Titolo', 'Domanda del cittadino', 'Risposta in breve', 'Testo pubblico', 'Risposta pronta']) {
      const field = editor.getByLabel(label).first();
      // What was taken out of the ticket left a mark; somebody reads each and decides.
      await field.fill((await field.inputValue()).replace(/⟦[^⟧]*⟧/gu, 'l’ufficio'));
    }
    await editor.getByLabel('Titolo').first().fill('Quello che i cittadini chiedevano');
    await editor.getByLabel('Struttura che ne risponde').selectOption('');
    await editor.getByLabel('A chi è rivolto').first().fill('A chi abita a Valdoria.');
    await editor.getByRole('button', { name: 'Salva la bozza' }).click();
    await editor.waitForURL('**/bozza');
    await editor.getByRole('button', { name: 'Valida e pubblica' }).click();
    await editor.waitForURL(`**/scrivania/schede/${code}`);
    await editor.getByRole('heading', { name: 'Quello che i cittadini chiedevano' }).first().waitFor();

    // It is no longer missing.
    await editor.goto(HERE);
    assert.equal(await editor.locator(`a[href="/scrivania/schede/${code}/bozza"]`).count(), 0);
  });
});
