// Real PostgreSQL, Dovecot and SMTP servers, run by the workspace's `peers` program.
import { peersBinary } from './binaries.mjs';
import { need } from './components.mjs';
import { start, until } from './process.mjs';

/**
 * Starts the named peers on free ports. `info` is the line of JSON in which the program says where
 * they listen and with which credentials; they stop with `stop()`, or when this process dies.
 * @param {('postgres' | 'mail')[]} names
 */
export async function startPeers(names) {
  names.forEach(need);
  const peers = start(peersBinary(), names, { stdin: 'pipe' });
  let printed = '';
  peers.child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  let ended = false;
  peers.exited.then(() => {
    ended = true;
  });
  try {
    await until(`peers ${names.join(' ')} to start`, () => ended || printed.includes('\n'), {
      timeout: 60_000,
    });
    if (!printed.includes('\n')) throw new Error('it ended before saying where its peers are');
    return {
      info: JSON.parse(printed.slice(0, printed.indexOf('\n'))),
      log: peers.log,
      // Closing its input is how it is told to stop; it then takes its servers down in order.
      async stop() {
        peers.child.stdin.end();
        const late = new Promise((resolve) => setTimeout(resolve, 10_000).unref());
        await Promise.race([peers.exited, late]);
        await peers.stop();
      },
    };
  } catch (error) {
    await peers.stop();
    throw new Error(`peers ${names.join(' ')} did not start:\n${peers.log()}`, { cause: error });
  }
}
