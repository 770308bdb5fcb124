// One running Sportello on a free port, with a data directory of its own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sportelloBinary } from './binaries.mjs';
import { freePort, run, start, until } from './process.mjs';

/** Settings of whoever runs the tests must not reach the program under test. */
const clean = () =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name === 'DATABASE_URL' || name.startsWith('SPORTELLO__'))
      .map((name) => [name, undefined]),
  );

const isReady = async (url) => {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
  await answer.arrayBuffer();
  return answer.ok;
};

/**
 * Starts Sportello and waits until it says it is ready.
 *
 * - `databaseUrl`: a PostgreSQL database; without it the embedded SQLite of the data directory.
 * - `config`: text of its `sportello.toml`.
 * - `env`: settings, by their environment names (`SPORTELLO__SECTION__KEY`).
 * - `demo`: loads the demo agency first; `demoOutput` is what that printed, logins included.
 *
 * Gives `url`, `data`, `log()`, `stop()` and `command(...args)`, which runs a subcommand on the
 * same data and returns what it printed.
 */
export async function startSportello({ databaseUrl, config = '', env = {}, demo = false } = {}) {
  const binary = sportelloBinary();
  const data = await mkdtemp(join(tmpdir(), 'sportello-test-'));
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}`;
  const settings = {
    ...clean(),
    SPORTELLO__SERVER__PUBLIC_URL: url,
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    ...env,
  };
  const command = (...args) => run(binary, [...args, '--data', data], { env: settings });

  let server;
  const stop = async () => {
    const outcome = await server?.stop();
    await rm(data, { recursive: true, force: true });
    return outcome;
  };
  try {
    await writeFile(join(data, 'sportello.toml'), config);
    const demoOutput = demo ? await command('demo') : '';
    server = start(binary, ['serve', '--data', data, '--listen', listen], { env: settings });
    let ended = false;
    server.exited.then(() => {
      ended = true;
    });
    await until('Sportello to be ready', async () => ended || (await isReady(url)), {
      timeout: 60_000,
    });
    if (ended) throw new Error('it ended before it was ready');
    return { url, data, demoOutput, command, stop, log: server.log };
  } catch (error) {
    const log = server?.log() ?? '';
    await stop();
    throw new Error(`Sportello did not start: ${error.message}\n${log}`, { cause: error });
  }
}
