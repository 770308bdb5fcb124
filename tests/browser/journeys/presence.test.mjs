// Two agents on one ticket: they see each other, and where the agency wants it who writes first holds it.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, giada, nicolo, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { CITIZEN } from '../support/mail.mjs';
import { answer, askByForm } from '../support/steps.mjs';

const FORM = '[citizen]\nform_seconds = 0\n';

async function openTogether(newPage, text) {
  const code = await askByForm(await newPage(), { text, email: CITIZEN });
  const [first, second] = [await deskOf(newPage, giada), await deskOf(newPage, nicolo)];
  await first.goto(`/scrivania/pratiche/${code}`);
  await second.goto(`/scrivania/pratiche/${code}`);
  return { code, first, second };
}

journeys('colleagues on one ticket', { demo: true, config: () => FORM }, (journey) => {
  journey('each sees that the other looks, writes and leaves', async ({ newPage }) => {
    const { first, second } = await openTogether(newPage, 'Quando passa la raccolta del vetro?');
    await first.getByText('Nicolò Bordignon sta guardando').waitFor();
    await second.getByText('Giada Terenzi sta guardando').waitFor();
    const region = second.locator('.presences');
    assert.equal(await region.getAttribute('aria-live'), 'polite');

    await first.getByLabel('Testo della risposta').fill('Il vetro passa');
    await region.getByText('Giada Terenzi sta scrivendo una risposta').waitFor();
    await noViolations(second);
    await first.getByText(/^Bozza salvata/).waitFor();
    await first.goto('/scrivania/coda/nuove');
    await second.waitForFunction(() => !document.querySelector('.presences').textContent.includes('Giada'));
  });
});

journeys('a ticket held by who writes', { demo: true, config: () => `${FORM}[desk]\nhard_lock = true\n` }, (journey) => {
  journey('the second is told who holds it, and a supervisor frees it', async ({ newPage, allowComplaint }) => {
    const { code, first, second } = await openTogether(newPage, 'Posso pagare la TARI a rate?');
    await first.getByLabel('Testo della risposta').fill('Sì, in quattro rate.');
    await first.getByText(/^Stai scrivendo una risposta dalle/).waitFor();
    await second.getByText(/^Giada Terenzi sta scrivendo una risposta dalle .* gli altri non possono/).waitFor();
    assert.equal(await second.getByRole('button', { name: 'Libera la pratica' }).count(), 0);
    await noViolations(second);

    allowComplaint(second, /status of 409/);
    await answer(second, 'Sì, a rate.', 'resta aperta');
    await second.getByRole('alert').getByText(/^Giada Terenzi sta scrivendo una risposta dalle/).waitFor();
    assert.equal(await second.getByLabel('Testo della risposta').inputValue(), 'Sì, a rate.');

    const boss = await deskOf(newPage, supervisor, { path: `/scrivania/pratiche/${code}` });
    await noViolations(boss);
    await boss.getByRole('button', { name: 'Libera la pratica' }).click();
    await boss.getByText('La pratica è libera').waitFor();
    await answer(second, undefined, 'resta aperta');
    await second.getByText('Risposta inviata').waitFor();
  });
});
