// A citizen asks by the form, an agent answers from a sheet, the citizen reads the answer.
import assert from 'node:assert/strict';

import { deskOf, giada, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { CITIZEN, mailConfig, waitForMail } from '../support/mail.mjs';
import { answer, askByForm, closures, grouped, untilClosures } from '../support/steps.mjs';

journeys('a citizen and an agent', { mail: true, demo: true, config: mailConfig }, (journey) => {
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';
    journey(`${how} JavaScript a citizen asks, and reads the answer that an agent took from a sheet`, async ({
      newPage,
      peers,
    }) => {
      const watcher = await deskOf(newPage, supervisor);
      const before = await closures(watcher);
      const agent = await deskOf(newPage, giada, { path: '/scrivania/coda/nuove' });
      const visited = agent.url();
      const citizen = await newPage({ javaScriptEnabled });

      const text = `Tessera elettorale smarrita (${how}): come chiedo il duplicato prima del voto?`;
      const code = await askByForm(citizen, { text, email: CITIZEN });

      // The row comes by itself: nobody reloads the queue.
      const row = agent.locator('#queue tr', { hasText: grouped(code) });
      await row.waitFor();
      assert.equal(agent.url(), visited);
      await row.getByRole('link').first().click();
      await agent.getByRole('button', { name: 'Prendi in carico' }).click();
      await agent.getByText('La pratica è tua').waitFor();
      const suggestion = agent.locator('.suggestions li', { hasText: /tessera elettorale/i }).first();
      await suggestion.getByRole('button', { name: /Usa nella risposta/ }).click();
      const written = await agent.getByLabel('Testo della risposta').inputValue();
      assert.match(written, /^Gentile Agata Neri,\n\n/);
      await answer(agent, undefined, 'chiudi la pratica');
      await agent.getByText('Pratica chiusa').waitFor();

      const receipt = await waitForMail(peers.mail, CITIZEN, (mail) => mail.text.includes(grouped(code)));
      const link = receipt.links.find((url) => url.includes(code));
      await citizen.goto(link);
      const messages = citizen.getByRole('region', { name: 'Messaggi' });
      const sentence = written.split('\n').findLast((line) => line.length > 20);
      await messages.getByText(sentence.slice(0, 60)).waitFor();
      assert.equal(await citizen.locator('.status-now').textContent(), 'Chiusa');

      const { closed, strict, wide } = before;
      await untilClosures(watcher, { closed: closed + 1, strict: strict + 1, wide: wide + 1 });
    });
  }

  journey('a citizen whose form is wrong is told what to correct and keeps what was written', async ({
    newPage,
    allowComplaint,
  }) => {
    const citizen = await newPage({ javaScriptEnabled: false });
    await citizen.goto('/sportello/richiesta');
    await citizen.getByLabel('Il tuo messaggio').fill('Il lampione è spento');
    await citizen.locator('form[method=post]').evaluate((form) => {
      form.noValidate = true;
    });
    await citizen.getByRole('button', { name: 'Invia la richiesta' }).click();
    allowComplaint(citizen, /status of 422/);
    await citizen.getByRole('alert').getByText('Scegli che cosa vuoi fare').waitFor();
    assert.equal(await citizen.getByLabel('Il tuo messaggio').inputValue(), 'Il lampione è spento');
  });
});
