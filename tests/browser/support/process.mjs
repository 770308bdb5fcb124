// Programs started by the tests: each in a process group of its own, with its output kept.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const KEPT_OUTPUT = 1_000_000;
const running = new Set();

const signal = (child, name) => {
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};

// A test run that ends early must not leave servers behind.
process.on('exit', () => running.forEach((child) => signal(child, 'SIGKILL')));
for (const [name, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
  process.on(name, () => process.exit(code));
}

/**
 * Starts a program in its own process group.
 * `log()` is what it wrote so far, `exited` settles when it ends, `stop()` ends the group:
 * politely first, by force after `patience` milliseconds.
 */
export function start(command, args, { env = {}, cwd, stdin = 'ignore' } = {}) {
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: { ...process.env, ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-KEPT_OUTPUT);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      keep(`${command}: ${error.message}\n`);
      running.delete(child);
      resolve({ code: 127 });
    });
    // `exit` and not `close`: a grandchild may hold the pipes open after its parent is gone.
    child.once('exit', (code, signalName) => {
      running.delete(child);
      resolve({ code, signal: signalName });
    });
  });

  return {
    child,
    exited,
    log: () => output,
    async stop({ patience = 10_000 } = {}) {
      if (child.pid === undefined) return exited;
      child.stdin?.end();
      signal(child, 'SIGTERM');
      const impatient = setTimeout(() => signal(child, 'SIGKILL'), patience);
      const outcome = await exited;
      clearTimeout(impatient);
      signal(child, 'SIGKILL');
      return outcome;
    },
  };
}

/** Runs a program to its end and gives what it printed; throws with its output when it fails. */
export async function run(command, args, { env = {}, cwd } = {}) {
  const started = start(command, args, { env, cwd });
  let printed = '';
  started.child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const closed = new Promise((resolve) => started.child.once('close', resolve));
  const { code, signal: signalName } = await started.exited;
  if (code !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${signalName ?? code}:\n${started.log()}`,
    );
  }
  await closed;
  return printed;
}

/** A TCP port of 127.0.0.1 that nothing listens on at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Asks `condition` until it gives something true and returns that; throws `what` after `timeout`
 * milliseconds, with the last error if there was one.
 */
export async function until(what, condition, { timeout = 60_000, every = 50 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    let failure;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > end) {
      throw new Error(`${what}: not within ${timeout / 1000} s`, { cause: failure });
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
