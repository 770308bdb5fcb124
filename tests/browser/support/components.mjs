// What the journeys need on the machine, and how to install what is missing.
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const executable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
};

const onPath = (name) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => executable(join(folder, name)))
    .find(Boolean);

/** Debian keeps the programs of each PostgreSQL version in a folder of its own. */
const postgresProgram = (name) => {
  const home = '/usr/lib/postgresql';
  try {
    return readdirSync(home)
      .map((version) => executable(join(home, version, 'bin', name)))
      .find(Boolean);
  } catch {
    return undefined;
  }
};

const components = {
  chromium: {
    find: () => (process.env.CHROMIUM ? executable(process.env.CHROMIUM) : onPath('chromium')),
    packages: 'chromium fonts-liberation',
  },
  postgres: {
    find: () => postgresProgram('initdb') ?? onPath('initdb'),
    packages: 'postgresql',
  },
  mail: {
    find: () => onPath('dovecot'),
    packages: 'dovecot-imapd dovecot-lmtpd python3-aiosmtpd openssl',
  },
};

/**
 * The path of a component's program; throws the command that installs it when it is missing.
 * @param {'chromium' | 'postgres' | 'mail'} name
 */
export function need(name) {
  const { find, packages } = components[name];
  const path = find();
  if (!path) {
    throw new Error(
      `${name} is not installed; install it with:\n  sudo apt-get install --no-install-recommends ${packages}`,
    );
  }
  return path;
}
