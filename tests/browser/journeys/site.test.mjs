// The public site: from the home page to a sheet, its rating with and without JavaScript, what the editor reads.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, giada } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';

const SHEET = '/sportello/schede/ANA-01';

/** As the municipalities' validator looks: whether an element takes room on the page. */
const isSeen = (page, name) =>
  page.locator(`[data-element="${name}"]`).evaluate((element) => element.getBoundingClientRect().height > 0);

journeys('the public site', { demo: true }, (journey) => {
  journey('a citizen goes from a topic to a sheet, which complains of nothing', async ({ newPage }) => {
    const citizen = await newPage();
    await citizen.goto('/');
    await noViolations(citizen);
    const topics = citizen.getByRole('region', { name: 'Esplora per argomento' });
    await topics.getByRole('link', { name: 'Anagrafe e documenti' }).click();
    await noViolations(citizen);
    await citizen.goto(SHEET);
    await noViolations(citizen);
    const service = await citizen.locator('script[data-element="metatag"]').evaluate((s) => JSON.parse(s.textContent));
    assert.equal(service['@type'], 'GovernmentService');
    assert.equal(service.name, await citizen.locator('[data-element="service-title"]').textContent());
    for (const link of await citizen.locator('[data-element="page-index"] > li > a').all()) {
      const id = (await link.getAttribute('href')).slice(1);
      assert.equal(await citizen.locator(`[id="${id}"]`).count(), 1, `#${id}`);
    }
    await citizen.emulateMedia({ media: 'print' });
    assert.equal(await citizen.locator('.rating-band').isVisible(), false);
    assert.equal(await citizen.locator('.print-only').isVisible(), true);
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';
    journey(`${how} JavaScript a citizen rates a sheet and its editor reads why`, async ({ newPage }) => {
      const citizen = await newPage({ javaScriptEnabled });
      await citizen.goto(SHEET);
      assert.equal(await isSeen(citizen, 'feedback-rating-negative'), false);
      for (const stars of [1, 2, 3, 4, 5, 3]) {
        await citizen.locator(`[data-element="feedback-rate-${stars}"]`).click();
        assert.equal(await isSeen(citizen, 'feedback-rating-negative'), stars <= 3, `${stars} stars`);
        assert.equal(await isSeen(citizen, 'feedback-rating-positive'), stars > 3, `${stars} stars`);
      }
      const rating = citizen.locator('[data-element="feedback"]');
      await rating.getByLabel('A volte le indicazioni non erano complete').check();
      const words = `Manca il prezzo per i minori (${how})`;
      await rating.getByLabel('Dettaglio').fill(words);
      if (javaScriptEnabled) await noViolations(citizen);
      await rating.getByRole('button', { name: 'Invia la valutazione' }).click();
      await citizen.getByRole('heading', { name: /^Grazie, il tuo parere/ }).waitFor();
      if (javaScriptEnabled) {
        assert.equal(new URL(citizen.url()).pathname, SHEET, 'the reader stays on the page');
        await noViolations(citizen);
      }

      const editor = await deskOf(newPage, giada, { path: '/scrivania/schede/ANA-01' });
      await noViolations(editor);
      await editor.getByRole('link', { name: 'Leggi le valutazioni' }).click();
      const row = editor.locator('tr', { hasText: words });
      await row.waitFor();
      await noViolations(editor);
      await row.getByRole('button', { name: /^Segna come vista/ }).click();
      await editor.goto('/scrivania/schede/valutazioni');
      await editor.getByRole('heading', { name: 'Valutazioni' }).waitFor();
      assert.equal(await editor.getByText(words).count(), 0);
    });
  }

  journey('a citizen finds an answer before they have finished typing', async ({ newPage }) => {
    const citizen = await newPage({ viewport: { width: 390, height: 844 } });
    await citizen.goto('/', { waitUntil: 'load' });
    await citizen.getByRole('searchbox').pressSequentially('carta d’ide');
    await citizen.locator('#found').getByRole('link', { name: /carta d['’]identità/i }).first().waitFor();
    await noViolations(citizen);
    await citizen.goto('/sportello/richiesta', { waitUntil: 'load' });
    await citizen.getByLabel('Il tuo messaggio').pressSequentially('Come rinnovo la carta d’identità scaduta');
    const answers = citizen.getByRole('region', { name: 'Forse la risposta è già qui' });
    await answers.getByRole('link', { name: /carta d['’]identità/i }).first().waitFor();
    await noViolations(citizen);
    const over = await citizen.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
  });

  journey('where style sheets cannot unfold the form, the reason is asked as a second step', async ({ newPage }) => {
    const citizen = await newPage({ javaScriptEnabled: false });
    await citizen.goto(SHEET);
    await citizen.locator('[data-element="feedback-rate-5"]').click();
    await citizen.getByRole('button', { name: 'Invia la valutazione' }).click();
    await citizen.getByRole('heading', { name: 'Valutazione', exact: true }).waitFor();
    assert.equal(await citizen.locator('#rate-5').isChecked(), true);
    await citizen.getByLabel('Le indicazioni erano chiare', { exact: true }).check();
    await citizen.getByRole('button', { name: 'Invia la valutazione' }).click();
    await citizen.getByRole('link', { name: 'Torna alla pagina' }).click();
    assert.equal(new URL(citizen.url()).pathname, SHEET);
  });
});
