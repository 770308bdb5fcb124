// Where cargo left the programs under test.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

const built = (name) => {
  const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
  return join(target, 'debug', name);
};

const binary = (name, variable) => {
  const path = process.env[variable] ? resolve(process.env[variable]) : built(name);
  if (!existsSync(path)) {
    throw new Error(`${path} does not exist; build it with: cargo build --workspace --bins`);
  }
  return path;
};

/** Sportello itself: `SPORTELLO_BIN`, or cargo's debug build. */
export const sportelloBinary = () => binary('sportello', 'SPORTELLO_BIN');

/** The program that runs real peers for tests: `PEERS_BIN`, or cargo's debug build. */
export const peersBinary = () => binary('peers', 'PEERS_BIN');
