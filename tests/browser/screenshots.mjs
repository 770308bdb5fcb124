// Takes the pictures of the documentation from the demo agency, on a wide and on a narrow screen.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from './support/binaries.mjs';
import { launchBrowser } from './support/browser.mjs';
import { settle } from './support/crawl.mjs';
import { giada, supervisor } from './support/demo.mjs';
import { signIn } from './support/sign-in.mjs';
import { startSportello } from './support/sportello.mjs';
import { askByForm } from './support/steps.mjs';

const FOLDER = join(root, 'docs/screenshots');
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
const EMAIL = 'agata.neri@example.org';

const goTo = (path) => (page) => page.goto(path);

/** The page of a request that its citizen follows. */
async function track(page) {
  const code = await askByForm(page, {
    kind: 'Segnalare un problema',
    text: 'Il lampione davanti al numero 12 di via dei Mille è spento da tre sere.',
    email: EMAIL,
  });
  await page.goto(`/sportello/pratica/${code}`);
  await page.getByLabel('E-mail o telefono').fill(EMAIL);
  await page.getByRole('button', { name: 'Mostra i messaggi' }).click();
}

/** The same request on the desk, with an answer begun from the suggested sheet. */
async function answerTicket(page) {
  await page.goto(`/scrivania/cerca?q=${encodeURIComponent(EMAIL)}`);
  await page.locator('.queue a').first().click();
  const take = page.getByRole('button', { name: 'Prendi in carico' });
  if (await take.isVisible()) await take.click();
  await page.locator('.suggestions [data-insert-from]').first().click();
  await page.getByText(/^Bozza salvata/).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}

const PICTURES = [
  { name: 'home', open: goTo('/'), screens: [WIDE] },
  { name: 'request', open: goTo('/sportello/richiesta'), screens: [WIDE, NARROW] },
  { name: 'tracking', open: track, screens: [WIDE] },
  { name: 'queue', who: giada, open: goTo('/scrivania/coda/nuove'), screens: [WIDE, NARROW] },
  { name: 'ticket', who: giada, open: answerTicket, screens: [WIDE, NARROW] },
  { name: 'supervision', who: supervisor, open: goTo('/scrivania/supervisione'), screens: [WIDE] },
];

async function take(browser, app, { name, who, open }, viewport) {
  const context = await browser.newContext({
    baseURL: app.url,
    locale: 'it-IT',
    timezoneId: 'Europe/Rome',
    reducedMotion: 'reduce',
    viewport,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  if (who) await signIn(page, who);
  await open(page);
  await settle(page);
  const path = join(FOLDER, `${name}-${viewport.width}.png`);
  await page.screenshot({ path });
  console.log(path);
  await context.close();
}

const app = await startSportello({ demo: true, config: '[citizen]\nform_seconds = 0\n' });
try {
  const browser = await launchBrowser();
  try {
    await mkdir(FOLDER, { recursive: true });
    for (const picture of PICTURES) {
      for (const viewport of picture.screens) await take(browser, app, picture, viewport);
    }
  } finally {
    await browser.close();
  }
} finally {
  await app.stop();
}
