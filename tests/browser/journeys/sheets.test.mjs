// A sheet from the editor to the citizen: an agent writes, the unit validates, the portal and the desk show it.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, giada, referent, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';

journeys('sheets and their versions', { demo: true }, (journey) => {
  journey('what an agent writes is read only once its unit has validated it', async ({ newPage }) => {
    const agent = await deskOf(newPage, giada, { path: '/scrivania/schede/nuova' });
    await noViolations(agent);
    await agent.getByLabel('Codice').fill('ANA-90');
    await agent.getByLabel('Struttura che ne risponde').selectOption('anagrafe');
    await agent.getByLabel('Classificazione').selectOption('anagrafe/residenza');
    await agent.getByLabel('Titolo').first().fill('Contrassegno di prova');
    await agent.getByLabel('Risposta in breve').first().fill('Si chiede allo sportello.');
    await agent.getByLabel('Testo pubblico').first().fill('Porta **due** fototessere.');
    await agent.getByRole('button', { name: 'Anteprima' }).click();
    await agent.getByRole('heading', { name: 'Contrassegno di prova' }).waitFor();
    await noViolations(agent);
    await agent.getByRole('button', { name: 'Invia a validare' }).click();
    await agent.waitForURL('**/scrivania/schede/ANA-90/bozza');
    await noViolations(agent);
    const number = (await agent.locator('.ticket-line').textContent()).match(/numero (\d+)/)[1];

    const unit = await deskOf(newPage, referent, { path: '/scrivania/schede/lavori' });
    await noViolations(unit);
    await unit.getByRole('link', { name: 'Contrassegno di prova' }).click();
    await unit.getByRole('button', { name: 'Valida e pubblica' }).click();
    await unit.waitForURL('**/scrivania/schede/ANA-90');
    await noViolations(unit);

    const citizen = await newPage();
    await citizen.goto('/sportello/schede/ANA-90');
    await citizen.getByText('fototessere').waitFor();
    await noViolations(citizen);

    await agent.goto(`/scrivania/cerca?q=scheda+${number}`);
    await agent.getByRole('link', { name: 'Contrassegno di prova' }).click();
    await agent.waitForURL('**/scrivania/schede/ANA-90');
  });

  journey('an agent says with one key that a sheet was useful, and it counts', async ({ newPage }) => {
    const agent = await deskOf(newPage, giada, { path: '/scrivania/coda/nuove' });
    await agent.locator('main a[href^="/scrivania/pratiche/"]').first().click();
    const proposed = agent.locator('.suggestions > li').first();
    const code = (await proposed.locator('.code').textContent()).trim();
    const editor = await deskOf(newPage, supervisor, { path: `/scrivania/schede/${code}` });
    const told = editor.getByText(/^Dagli operatori: utile/);
    const useful = async () => Number((await told.textContent()).match(/utile (\d+)/)[1]);
    const before = await useful();
    await agent.keyboard.press('u');
    await proposed.getByText('Grazie, è stato annotato.').waitFor();
    await editor.reload();
    assert.equal(await useful(), before + 1);
  });

  journey('a version is compared with the one before', async ({ newPage }) => {
    const agent = await deskOf(newPage, giada, { path: '/scrivania/schede/ANA-01/versioni' });
    await noViolations(agent);
    await agent.getByRole('link', { name: 'Cosa cambia nella versione 2' }).click();
    await agent.locator('del', { hasText: '22,21' }).waitFor();
    await noViolations(agent);
    assert.ok((await agent.locator('ins').count()) > 0);
    await agent.goto('/sportello/richiesta?category=anagrafe/carta-identita');
    await agent.getByText('Fototessera recente').first().waitFor();
    await noViolations(agent);
  });
});
