// A ticket goes to another body and comes back: by the link in the mail, without an account.
import assert from 'node:assert/strict';

import { deskOf, giada, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { CITIZEN, mailConfig, waitForMail, waitForPost } from '../support/mail.mjs';
import { answer, askByForm, closures, grouped, refer, take, untilClosures } from '../support/steps.mjs';

const WATER = { unit: 'acque-guasti', mail: 'guasti@valdoria-acque.example' };
const REPAIRED = 'La perdita di via Roma è riparata dalle 14 di oggi.';

journeys('an agent and another body', { mail: true, demo: true, config: mailConfig }, (journey) => {
  journey('a leg for competence is answered on its page with a file, and the citizen gets the answer', async ({
    newPage,
    peers,
  }) => {
    const watcher = await deskOf(newPage, supervisor);
    const before = await closures(watcher);
    const citizen = await newPage();
    const text = 'Perdita d’acqua in via Roma 12: l’acqua esce dal marciapiede da stamattina.';
    const code = await askByForm(citizen, { kind: 'Segnalare un problema', text, email: CITIZEN });

    const agent = await deskOf(newPage, giada);
    await take(agent, code);
    await refer(agent, { unit: WATER.unit, why: 'Per competenza', question: 'Chiediamo un intervento urgente.' });
    await agent.locator('#legs').getByText(`${grouped(code)}/1`).waitFor();

    const request = await waitForPost(peers.mail, WATER.mail, (mail) => mail.text.includes(`${grouped(code)}/1`));
    const link = request.links.find((url) => url.includes('/invio/'));
    const body = await newPage();
    await body.goto(link);
    await body.getByText('Chiediamo un intervento urgente.').waitFor();
    await body.getByRole('button', { name: 'Ce ne occupiamo noi' }).click();
    await body.getByText('Presa in carico').first().waitFor();
    await body.getByRole('link', { name: 'Rispondiamo' }).click();
    await body.getByLabel('Testo o motivo').fill(REPAIRED);
    await body.getByLabel('Vostro numero di pratica').fill('VA-2026-77');
    await body.getByLabel('Allegati').setInputFiles({
      name: 'verbale.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('Intervento concluso alle 14.'),
    });
    await body.getByRole('button', { name: 'Invia' }).click();
    await body.getByText('Risposta inviata').waitFor();

    // The agent looks at the ticket all the while: the answer comes by itself.
    const leg = agent.locator('#leg-1');
    await leg.getByText('Risposta ricevuta').waitFor();
    await leg.getByText('VA-2026-77').waitFor();
    await agent.locator('#conversation').getByRole('link', { name: /^verbale\.txt/ }).waitFor();
    await agent.goto(`/scrivania/pratiche/${code}`);
    await leg.getByRole('button', { name: 'Usa nella risposta' }).click();
    assert.match(await agent.getByLabel('Testo della risposta').inputValue(), new RegExp(REPAIRED));
    await answer(agent, undefined, 'chiudi la pratica');
    await agent.getByText('Pratica chiusa').waitFor();

    const reply = await waitForMail(peers.mail, CITIZEN, (mail) => mail.text.includes(REPAIRED));
    assert.match(reply.text, new RegExp(grouped(code)));
    assert.doesNotMatch(reply.text, /VA-2026-77|intervento urgente/);
    const { closed, strict, wide } = before;
    await untilClosures(watcher, { closed: closed + 1, strict, wide });
  });

  journey('on a phone a unit gives a leg back with a suggestion, which the desk offers to follow', async ({
    newPage,
    peers,
  }) => {
    const citizen = await newPage();
    const text = 'Perdita d’acqua in via Verdi 3: sembra un tubo della scuola.';
    const code = await askByForm(citizen, { kind: 'Segnalare un problema', text, email: CITIZEN });
    const agent = await deskOf(newPage, giada);
    await take(agent, code);
    await refer(agent, { unit: WATER.unit, why: 'Per competenza', question: 'Potete verificare?' });
    const request = await waitForPost(peers.mail, WATER.mail, (mail) => mail.text.includes(`${grouped(code)}/1`));

    const body = await newPage();
    await body.setViewportSize({ width: 390, height: 844 });
    await body.goto(request.links.find((url) => url.includes('/invio/')));
    await body.getByRole('link', { name: 'Non è di nostra competenza' }).click();
    const wide = await body.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(wide, false, 'nothing is wider than the phone');
    await body.getByLabel('Perché non è vostra').fill('Il tubo è interno alla scuola.');
    const choices = body.getByLabel('Di chi è');
    const suggested = await choices.locator('option').nth(1).textContent();
    await choices.selectOption({ index: 1 });
    await body.getByRole('button', { name: 'Invia' }).click();
    await body.getByText('Restituito allo sportello').first().waitFor();

    const follow = agent.locator('#leg-1').getByRole('button', { name: /^Manda a / });
    await follow.waitFor();
    assert.ok(suggested.length > 0);
  });

  journey('a link that nobody made tells nothing', async ({ newPage, allowComplaint }) => {
    const stranger = await newPage();
    allowComplaint(stranger, /status of 404/);
    const response = await stranger.goto('/invio/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    assert.equal(response.status(), 404);
    await stranger.getByRole('heading', { name: 'Pagina non trovata' }).waitFor();
  });
});
