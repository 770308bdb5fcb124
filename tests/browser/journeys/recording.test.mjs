// A citizen pays on the telephone: while the card is read out nobody records, and the history says when.
import assert from 'node:assert/strict';
import { after } from 'node:test';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, giada } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { openTelephone, PHONE, playProvider, talk } from '../support/telephone.mjs';

const providers = [];
after(() => providers.forEach((provider) => provider.stop()));

/** The provider and the telephone of each installation. */
const lines = new WeakMap();

async function prepare({ app }) {
  const provider = await playProvider();
  providers.push(provider);
  lines.set(app, { provider, telephone: await openTelephone(app, provider, [giada]) });
}

journeys('the recording of a call', { demo: true, config: () => PHONE, prepare }, (journey) => {
  journey('an agent pauses it for a payment and lets it go on, from wherever she is', async ({ app, newPage }) => {
    const { provider, telephone } = lines.get(app);
    const agent = await deskOf(newPage, giada, { path: '/scrivania/coda/nuove' });
    const hangUp = await talk(telephone, 'CA1');
    await agent.getByText(/^In linea con/).waitFor();
    await agent.getByText('In registrazione').waitFor();
    await agent.getByRole('button', { name: /^Metti in pausa la registrazione/ }).click();
    const resume = agent.getByRole('button', { name: /^Riprendi la registrazione/ });
    await resume.waitFor();
    await agent.getByText('Registrazione in pausa').waitFor();
    assert.deepEqual(provider.told.get('CA1'), ['paused']);
    assert.ok(agent.url().endsWith('/scrivania/coda/nuove'), 'the page stays where it was');
    await noViolations(agent);

    // By the keyboard alone, on a telephone's width.
    await agent.setViewportSize({ width: 390, height: 844 });
    await resume.focus();
    await agent.keyboard.press('Enter');
    await agent.getByText('In registrazione').waitFor();
    assert.deepEqual(provider.told.get('CA1'), ['paused', 'in-progress']);

    await hangUp();
    await agent.getByText(/^In linea con/).waitFor({ state: 'detached' });
    await agent.setViewportSize({ width: 1280, height: 900 });
    await agent.goto(`/scrivania/pratiche/${await telephone.ticketOf('CA1')}`);
    await agent.getByText(/Registrazione in pausa da .* della conversazione \(Giada Terenzi/).waitFor();
    await noViolations(agent);
  });

  journey('without scripts the same buttons do it', async ({ app, newPage }) => {
    const { provider, telephone } = lines.get(app);
    const agent = await deskOf(newPage, giada, { path: '/scrivania/telefono', javaScriptEnabled: false });
    const hangUp = await talk(telephone, 'CA2');
    await agent.reload();
    await agent.locator('main').getByRole('button', { name: /^Metti in pausa la registrazione/ }).click();
    await agent.locator('main').getByRole('button', { name: /^Riprendi la registrazione/ }).waitFor();
    assert.deepEqual(provider.told.get('CA2'), ['paused']);
    await agent.locator('main').getByRole('button', { name: /^Riprendi la registrazione/ }).click();
    await agent.locator('main').getByRole('button', { name: /^Metti in pausa la registrazione/ }).waitFor();
    assert.deepEqual(provider.told.get('CA2'), ['paused', 'in-progress']);
    await hangUp();
  });
});
