// Two tickets about one thing: an agent merges them, the citizens follow, and they are parted again.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, giada } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { askByForm, grouped, take } from '../support/steps.mjs';

const config = () => '[citizen]\nform_seconds = 0\n';

/** What a citizen reads of a request, by its code and the address they used. */
async function follow(newPage, code, email) {
  const page = await newPage();
  await page.goto(`/sportello/pratica/${code}`);
  await page.getByLabel('E-mail o telefono').fill(email);
  await page.getByRole('button', { name: 'Mostra i messaggi' }).click();
  await page.getByRole('heading', { name: 'Messaggi' }).waitFor();
  return page;
}

journeys('tickets that are one', { demo: true, config }, (journey) => {
  journey('an agent merges two tickets and parts them again', async ({ newPage }) => {
    const [anna, bruno] = ['anna.uno@example.org', 'bruno.due@example.org'];
    const kept = await askByForm(await newPage(), { text: 'Il lampione di via Carducci è spento.', email: anna });
    const ended = await askByForm(await newPage(), { text: 'In via Carducci manca la luce.', email: bruno });
    const agent = await deskOf(newPage, giada);
    await take(agent, ended);

    await agent.getByText('Altro', { exact: true }).click();
    await noViolations(agent);
    await agent.getByRole('link', { name: 'Unisci a un’altra pratica' }).click();
    await agent.getByLabel('Cerca la pratica').fill(grouped(kept));
    await noViolations(agent);
    await agent.locator('main').getByRole('button', { name: 'Cerca' }).click();
    await agent.getByRole('link', { name: 'Il lampione di via Carducci' }).click();
    await agent.getByRole('heading', { name: 'Che cosa succede' }).waitFor();
    await agent.getByText('Le due pratiche non sono dello stesso utente').waitFor();
    await noViolations(agent);
    await agent.getByLabel('Motivo').fill('È lo stesso lampione.');
    await agent.getByRole('button', { name: `Unisci ${grouped(ended)} a ${grouped(kept)}` }).click();

    await agent.getByText('Pratiche unite', { exact: true }).waitFor();
    assert.equal(new URL(agent.url()).pathname, `/scrivania/pratiche/${kept}`);
    await agent.getByText('In via Carducci manca la luce.').first().waitFor();
    await agent.getByText(`Arrivato nella pratica ${grouped(ended)}`).waitFor();
    await noViolations(agent);
    await agent.goto(`/scrivania/pratiche/${ended}`);
    await agent.getByText(`La pratica ${grouped(ended)} è unita a questa`).waitFor();

    const citizen = await follow(newPage, ended, bruno);
    await citizen.getByText('La seguiamo insieme a un’altra richiesta').waitFor();
    await noViolations(citizen);
    assert.equal(await citizen.getByText('lampione').count(), 0, 'nothing of the other citizen');

    await agent.getByRole('button', { name: `Separa di nuovo ${grouped(ended)}` }).click();
    await agent.getByText('Pratica separata: è di nuovo com’era').waitFor();
    assert.equal(new URL(agent.url()).pathname, `/scrivania/pratiche/${ended}`);
    await agent.getByText('Assegnata a Giada Terenzi').waitFor();
    await agent.goto(`/scrivania/pratiche/${kept}`);
    assert.equal(await agent.locator('.conversation').getByText('manca la luce').count(), 0);
  });

  journey('without scripts a message becomes a ticket of its own', async ({ newPage }) => {
    const code = await askByForm(await newPage(), { text: 'Vorrei la carta di identità.', email: 'carla.tre@example.org' });
    const page = await follow(newPage, code, 'carla.tre@example.org');
    await page.getByLabel('Messaggio').fill('Inoltre in via Verdi c’è una buca.');
    await page.getByRole('button', { name: 'Invia', exact: true }).click();
    await page.getByText('lo abbiamo aggiunto alla tua richiesta').waitFor();

    const agent = await deskOf(newPage, giada, { javaScriptEnabled: false });
    await agent.goto(`/scrivania/pratiche/${code}`);
    const bubble = agent.locator('.bubble', { hasText: 'una buca' });
    await bubble.locator('.bubble-more summary').click();
    await bubble.getByRole('link', { name: 'Fanne una pratica nuova' }).click();
    assert.equal(await agent.getByLabel('una buca').isChecked(), true);
    await agent.getByLabel('Oggetto').fill('Buca in via Verdi');
    await agent.getByRole('button', { name: 'Apri la pratica nuova' }).click();
    await agent.getByRole('heading', { name: 'Buca in via Verdi' }).waitFor();
    await agent.getByText('Nata da:').waitFor();
  });

  journey('two persons become one file', async ({ newPage }) => {
    const first = await askByForm(await newPage(), { text: 'Quando ritirate la carta?', email: 'dario.q@example.org', name: 'Dario Quattro' });
    await askByForm(await newPage(), { text: 'Sono sempre io.', email: 'd.quattro@example.net', name: 'Dario Quattro' });
    const agent = await deskOf(newPage, giada);
    await agent.goto(`/scrivania/pratiche/${first}`);
    await agent.locator('.side').getByRole('link', { name: 'Dario Quattro' }).click();
    await agent.getByText('Altro', { exact: true }).click();
    await noViolations(agent);
    await agent.getByRole('link', { name: 'Unisci con un altro utente' }).click();
    await agent.getByRole('searchbox').last().fill('d.quattro@example.net');
    await agent.locator('main').getByRole('button', { name: 'Cerca' }).click();
    await agent.locator('#choose-1').click();
    await noViolations(agent);
    await agent.getByRole('button', { name: /^Unisci Dario/ }).click();
    await agent.getByText('Utenti uniti', { exact: true }).waitFor();
    await agent.getByText('dario.q@example.org').first().waitFor();
    await noViolations(agent);
    await agent.getByRole('button', { name: /^Separa di nuovo/ }).click();
    await agent.getByText('Utente separato').waitFor();
  });
});
