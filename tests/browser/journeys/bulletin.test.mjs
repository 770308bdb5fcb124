// News for operators: an emergency appears on an open desk, is read by one key, and who wrote it sees who has.
import assert from 'node:assert/strict';

import { noViolations } from '../support/accessibility.mjs';
import { deskOf, giada, supervisor } from '../support/demo.mjs';
import { journeys } from '../support/journeys.mjs';
import { choose } from '../support/steps.mjs';

const NARROW = { width: 390, height: 844 };
const TITLE = 'Sistemi dell’anagrafe fermi';

journeys('the noticeboard', { demo: true }, (journey) => {
  journey('an emergency shows up by itself and goes by one key', async ({ newPage }) => {
    const desk = await deskOf(newPage, giada, { path: '/scrivania/schede' });
    const boss = await deskOf(newPage, supervisor, { path: '/scrivania/bacheca' });
    await boss.getByRole('link', { name: 'Nuova notizia' }).click();
    await choose(boss, 'Emergenza');
    await boss.getByLabel('Titolo').fill(TITLE);
    await boss.getByLabel('Testo').fill('Niente certificati fino a **nuovo avviso**.');
    await noViolations(boss);
    await boss.getByRole('button', { name: 'Anteprima' }).click();
    await boss.locator('strong', { hasText: 'nuovo avviso' }).waitFor();
    await boss.getByRole('button', { name: 'Pubblica' }).click();
    await boss.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    await noViolations(boss);

    const strip = desk.getByRole('region', { name: 'Notizie per gli operatori' });
    await strip.getByRole('link', { name: TITLE }).waitFor();
    await noViolations(desk);
    const unread = await strip.getByRole('button', { name: /^Letto/ }).count();
    await desk.keyboard.press('l');
    await strip.getByRole('link', { name: TITLE }).waitFor({ state: 'detached' });
    assert.equal(await strip.getByRole('button', { name: /^Letto/ }).count(), unread - 1);

    await boss.reload();
    await boss.locator('summary', { hasText: /^Hanno letto$/ }).click();
    await boss.locator('.board-people').getByText('Giada Terenzi').waitFor();
  });

  journey('a telephone keeps its screen for what one came for', async ({ newPage }) => {
    const page = await deskOf(newPage, giada, { path: '/scrivania/coda/nuove', viewport: NARROW });
    const strip = page.getByRole('region', { name: 'Notizie per gli operatori' });
    await strip.waitFor();
    await noViolations(page);
    const box = await strip.boundingBox();
    assert.ok(box.height <= NARROW.height / 4, `${box.height} px high`);
    await page.goto('/scrivania/bacheca');
    await page.getByRole('heading', { level: 1, name: 'Bacheca' }).waitFor();
    await noViolations(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
  });
});
