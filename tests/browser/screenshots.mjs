// Takes the pictures of the documentation from a demo agency, on a wide and on a narrow screen.
//
//   SPORTELLO_LOGIN=… SPORTELLO_PASSWORD=… node screenshots.mjs
//
// The person is one of the demo agency's agents; `sportello demo` prints their logins.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from './support/binaries.mjs';
import { launchBrowser } from './support/browser.mjs';
import { signIn } from './support/sign-in.mjs';
import { startSportello } from './support/sportello.mjs';

const FOLDER = join(root, 'docs/screenshots');
const SCREENS = [
  { name: 'wide', viewport: { width: 1440, height: 900 } },
  { name: 'narrow', viewport: { width: 390, height: 844 } },
];

/** Opens a page by its address, or the first link on the current page that matches `follow`. */
const PAGES = [
  { name: 'home', path: '/' },
  { name: 'request', path: '/request' },
  { name: 'track', path: '/track' },
  { name: 'knowledge', path: '/knowledge' },
  { name: 'desk', path: '/desk', staff: true },
  { name: 'ticket', path: '/desk', follow: 'main a[href^="/desk/tickets/"]', staff: true },
];

const person = { login: process.env.SPORTELLO_LOGIN, password: process.env.SPORTELLO_PASSWORD };
if (!person.login || !person.password) {
  throw new Error('SPORTELLO_LOGIN and SPORTELLO_PASSWORD must name an agent of the demo agency');
}

async function open(page, { name, path, follow }) {
  let response = await page.goto(path);
  if (follow) {
    const target = await page.locator(follow).first().getAttribute('href');
    response = await page.goto(target);
  }
  if (!response.ok()) throw new Error(`${name}: ${page.url()} answered ${response.status()}`);
  await page.evaluate(() => document.fonts.ready);
}

const app = await startSportello({ demo: true });
try {
  const browser = await launchBrowser();
  try {
    await mkdir(FOLDER, { recursive: true });
    for (const { name: screen, viewport } of SCREENS) {
      const context = await browser.newContext({
        baseURL: app.url,
        locale: 'it-IT',
        timezoneId: 'Europe/Rome',
        reducedMotion: 'reduce',
        viewport,
      });
      const page = await context.newPage();
      let signedIn = false;
      for (const shot of PAGES) {
        if (shot.staff && !signedIn) {
          await signIn(page, person);
          signedIn = true;
        }
        await open(page, shot);
        const path = join(FOLDER, `${shot.name}-${screen}.png`);
        await page.screenshot({ path });
        console.log(path);
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
} finally {
  await app.stop();
}
