// A citizen writes by mail, is answered by mail, and answers back into the same ticket.
import assert from 'node:assert/strict';

import { deskOf, giada } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { CITIZEN, OFFICE, deliver, mailConfig, waitForMail, write } from '../support/mail.mjs';
import { answer, take } from '../support/steps.mjs';

journeys('a citizen writes by mail', { mail: true, demo: true, config: mailConfig }, (journey) => {
  journey('a mail becomes a ticket, is answered, and the answer to the answer comes back to it', async ({
    newPage,
    peers,
  }) => {
    const agent = await deskOf(newPage, giada, { path: '/scrivania/coda/nuove' });
    const subject = 'Cassonetto rotto in via Garibaldi';
    const first = write({ id: 'one@posta.test', subject, text: 'Buongiorno, il cassonetto è rotto da lunedì.' });
    await deliver(peers.mail, OFFICE, first);

    const receipt = await waitForMail(peers.mail, CITIZEN, (mail) => mail.header('Subject').includes(subject));
    assert.match(receipt.header('Auto-Submitted'), /^auto-replied/);
    const row = agent.locator('#queue tr', { hasText: subject });
    await row.waitFor();
    const code = (await row.locator('a[id^="t-"]').getAttribute('id')).slice(2);

    await take(agent, code);
    await answer(agent, 'Può dirci il numero civico più vicino?', 'attendi il cittadino');
    await agent.getByText('Risposta inviata').waitFor();
    assert.match(await agent.locator('.ticket-line').textContent(), /In attesa/);
    const question = await waitForMail(peers.mail, CITIZEN, (mail) => mail.text.includes('numero civico'));
    assert.equal(question.header('In-Reply-To'), '<one@posta.test>');

    const second = write({
      id: 'two@posta.test',
      subject: `Re: ${question.header('Subject')}`,
      text: 'Davanti al numero 48.',
      to: question.header('Reply-To') || OFFICE,
      inReplyTo: question.header('Message-ID'),
    });
    await deliver(peers.mail, OFFICE, second);
    await agent.locator('#conversation').getByText('Davanti al numero 48.').waitFor();
    await agent.goto(`/scrivania/pratiche/${code}`);
    assert.match(await agent.locator('.ticket-line').textContent(), /Aperta/);
    assert.equal(await agent.locator('#conversation .bubble').count(), 3);
    await agent.goto('/scrivania/coda/mie');
    await agent.locator('#queue tr', { hasText: subject }).waitFor();
  });
});
