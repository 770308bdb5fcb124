// Agents at the same desk: the keyboard alone, and colleagues in the way.
import assert from 'node:assert/strict';

import { deskOf, giada, nicolo } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { CITIZEN } from '../support/mail.mjs';
import { answer, askByForm, take } from '../support/steps.mjs';

const config = () => '[citizen]\nform_seconds = 0\n';

/** Presses Tab until the element in focus matches; a person would do the same. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 150; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} is not reached with Tab on ${page.url()}`);
}

async function newTicket(newPage, text) {
  return askByForm(await newPage(), { text, email: CITIZEN });
}

journeys('agents at the desk', { demo: true, config }, (journey) => {
  journey('with the keyboard alone an agent finds, takes, answers and closes a ticket', async ({ newPage }) => {
    const code = await newTicket(newPage, 'A che ora apre la biblioteca il sabato?');
    const agent = await deskOf(newPage, giada, { path: '/scrivania/coda/struttura' });
    const { keyboard } = agent;

    await keyboard.press('g');
    await keyboard.press('n');
    await agent.waitForURL('**/scrivania/coda/nuove');
    await tabTo(agent, `#t-${code}`);
    await keyboard.press('Enter');
    await agent.waitForURL(`**/scrivania/pratiche/${code}`);
    await keyboard.press('p');
    await agent.getByText('La pratica è tua').waitFor();

    await agent.locator('.suggestions button').first().waitFor();
    await tabTo(agent, '.suggestions [data-insert-from]');
    await keyboard.press('Enter');
    await agent.waitForFunction(() => document.activeElement.matches('textarea[data-composer]'));
    await keyboard.type('\nBuona lettura!');
    assert.match(await agent.getByLabel('Testo della risposta').inputValue(), /^Gentile .*Buona lettura!$/s);

    await tabTo(agent, '#then');
    await keyboard.type('chiudi');
    await tabTo(agent, '.composer-send button.only-reply');
    await keyboard.press('Enter');
    await agent.getByText('Pratica chiusa').waitFor();
  });

  journey('of two agents who take the same ticket the second is told who won', async ({ newPage, allowComplaint }) => {
    const code = await newTicket(newPage, 'Il semaforo di piazza Verdi è spento.');
    const [winner, loser] = [await deskOf(newPage, giada), await deskOf(newPage, nicolo)];
    await loser.goto(`/scrivania/pratiche/${code}`);
    await take(winner, code);
    allowComplaint(loser, /status of 409/);
    await loser.getByRole('button', { name: 'Prendi in carico' }).click();
    await loser.getByRole('alert').getByText('Giada Terenzi ha preso in carico la pratica prima di te').waitFor();
  });

  journey('a draft survives what a colleague changes, and a stale answer keeps its text', async ({
    newPage,
    allowComplaint,
  }) => {
    const code = await newTicket(newPage, 'Vorrei un bidone più grande per la carta.');
    const [writer, colleague] = [await deskOf(newPage, giada), await deskOf(newPage, nicolo)];
    await take(writer, code);
    const text = 'Buongiorno, il bidone più grande si chiede online.';
    await writer.getByLabel('Testo della risposta').fill(text);
    await writer.getByText(/^Bozza salvata/).waitFor();

    await colleague.goto(`/scrivania/pratiche/${code}`);
    await colleague.getByLabel('Tipo').selectOption({ label: 'Reclamo' });
    await colleague.getByRole('button', { name: 'Salva', exact: true }).click();
    await colleague.getByText('Classificazione salvata').waitFor();

    await writer.getByText('La pratica è cambiata mentre la guardavi').waitFor();
    assert.equal(await writer.getByLabel('Testo della risposta').inputValue(), text);
    allowComplaint(writer, /status of 4(09|12)/);
    await answer(writer, undefined, 'resta aperta');
    await writer.getByText('Nicolò Bordignon ha modificato questa pratica mentre ci lavoravi').waitFor();
    assert.equal(await writer.getByLabel('Testo della risposta').inputValue(), text);
    await answer(writer, undefined, 'resta aperta');
    await writer.getByText('Risposta inviata').waitFor();

    await writer.getByLabel('Testo della risposta').fill('Una seconda bozza.');
    await writer.getByText(/^Bozza salvata/).waitFor();
    await writer.reload();
    assert.equal(await writer.getByLabel('Testo della risposta').inputValue(), 'Una seconda bozza.');
  });
});
