// Journeys: tests that drive a whole Sportello through the browser, once for each database.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { root } from './binaries.mjs';
import { allowComplaint, assertNoComplaints, launchBrowser, watch } from './browser.mjs';
import { startPeers } from './peers.mjs';
import { startSportello } from './sportello.mjs';

const ENGINES = ['sqlite', 'postgres'];
const RESULTS = join(root, 'tests/browser/results');

/** The databases to run on: both, or the one named by `SPORTELLO_ENGINE`. */
export function engines() {
  const wanted = process.env.SPORTELLO_ENGINE;
  if (!wanted) return ENGINES;
  if (!ENGINES.includes(wanted)) {
    throw new Error(`SPORTELLO_ENGINE is "${wanted}"; it can be ${ENGINES.join(' or ')}`);
  }
  return [wanted];
}

const slug = (text) => text.toLowerCase().replace(/[^\p{Letter}\d]+/gu, '-').slice(0, 80);

async function keepEvidence(name, pages, app) {
  const folder = join(RESULTS, slug(name));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'sportello.log'), app.log());
  for (const [index, page] of pages.entries()) {
    if (page.isClosed()) continue;
    await page.screenshot({ path: join(folder, `page-${index + 1}.png`), fullPage: true });
    await writeFile(join(folder, `page-${index + 1}.html`), await page.content());
  }
  return folder;
}

/** Runs one journey with pages of its own and looks at what they complained of. */
async function travel({ name, browser, app, peers, engine, signal }, body) {
  const contexts = [];
  const pages = [];
  const newPage = async (options = {}) => {
    const context = await browser.newContext({
      baseURL: app.url,
      locale: 'it-IT',
      timezoneId: 'Europe/Rome',
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    contexts.push(context);
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    await watch(page);
    pages.push(page);
    return page;
  };
  // Whoever ran out of time must not go on beside the journeys after it.
  signal.addEventListener('abort', () => contexts.forEach((context) => context.close()));
  try {
    await body({ app, peers: peers?.info ?? {}, engine, newPage, allowComplaint });
    pages.forEach(assertNoComplaints);
  } catch (error) {
    const folder = await keepEvidence(`${engine} ${name}`, pages, app).catch(() => undefined);
    if (folder) error.message += `\n(pages and server log: ${folder})`;
    throw error;
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
}

/**
 * A group of journeys over one Sportello, run on each engine.
 *
 * `define` receives `journey(sentence, options, body)`; `options` may be left out: `timeout` in
 * milliseconds, `on` the only engine where it has something to tell;
 * `body` receives `app` (see `startSportello`),
 * `peers` (what the peers say of themselves), `engine`, `newPage(contextOptions)` and
 * `allowComplaint(page, pattern)`.
 *
 * - `mail`: runs the mail servers too;
 * - `demo`: loads the demo agency before serving;
 * - `config(peers)`: text of `sportello.toml`, made from where the peers listen;
 * - `env(peers)`: settings as environment variables, likewise;
 * - `prepare({ app, peers })`: runs once before the journeys, to add users and other data;
 * - `serve`: what to start in place of Sportello, for the harness' own test.
 */
export function journeys(title, options, define) {
  const { mail = false, demo = false, serve = startSportello } = options;
  const { config = () => '', env = () => ({}), prepare = async () => {} } = options;
  for (const engine of engines()) {
    describe(`${title} (${engine})`, () => {
      const running = { engine };

      before(async () => {
        const names = [engine === 'postgres' && 'postgres', mail && 'mail'].filter(Boolean);
        if (names.length > 0 && serve === startSportello) running.peers = await startPeers(names);
        const info = running.peers?.info ?? {};
        running.app = await serve({
          databaseUrl: engine === 'postgres' ? info.postgres?.url : undefined,
          config: config(info),
          env: env(info),
          demo,
        });
        await prepare({ app: running.app, peers: info });
        running.browser = await launchBrowser();
      });
      after(async () => {
        await running.browser?.close();
        await running.app?.stop();
        await running.peers?.stop();
      });

      define((name, ...rest) => {
        const body = rest.pop();
        const { timeout = 300_000, on = engine } = rest[0] ?? {};
        if (on === engine) it(name, { timeout }, ({ signal }) => travel({ name, ...running, signal }, body));
      });
    });
  }
}
