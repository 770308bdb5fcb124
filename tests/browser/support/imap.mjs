// Just enough IMAP to read what a person finds in their mailbox.
import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';

const TIMEOUT = 10_000;

/** One connection; answers are kept as bytes written as Latin-1, so that literals can be counted. */
class Connection {
  #socket;
  #received = '';
  #failure;
  #wake = () => {};
  #tag = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.setTimeout(TIMEOUT, () => socket.destroy(new Error('the mailbox server is silent')));
    socket.on('data', (chunk) => {
      this.#received += chunk;
      this.#wake();
    });
    const end = (error) => {
      this.#failure = error ?? new Error('the mailbox server hung up');
      this.#wake();
    };
    socket.on('error', end);
    socket.on('close', () => end());
  }

  async #until(find) {
    for (;;) {
      const found = find(this.#received);
      if (found) return found;
      if (this.#failure) throw this.#failure;
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  greeting() {
    return this.#until((text) => text.includes('\r\n'));
  }

  /** Sends a command and gives everything the server said to it. */
  async command(line) {
    this.#tag += 1;
    const tag = `a${this.#tag}`;
    this.#received = '';
    this.#socket.write(`${tag} ${line}\r\n`);
    const end = new RegExp(`(?:^|\\r\\n)${tag} (OK|NO|BAD)[^\\r]*\\r\\n$`);
    const [, outcome] = await this.#until((text) => end.exec(text));
    if (outcome !== 'OK') throw new Error(`the mailbox refused "${line.split(' ')[0]}": ${this.#received}`);
    return this.#received;
  }
}

/** The literals (`{123}` and then that many bytes) of an answer. */
function literals(answer) {
  const found = [];
  let place = 0;
  for (;;) {
    const start = /\{(\d+)\}\r\n/g;
    start.lastIndex = place;
    const match = start.exec(answer);
    if (!match) return found;
    const from = match.index + match[0].length;
    place = from + Number(match[1]);
    found.push(Buffer.from(answer.slice(from, place), 'latin1'));
  }
}

/**
 * Every message in the inbox of `address`, oldest first, as it lies there.
 * @param mail what the peers say of their mail servers
 * @returns {Promise<Buffer[]>}
 */
export async function fetchMessages(mail, address) {
  const account = mail.accounts.find((known) => known.address === address);
  if (!account) throw new Error(`${address} has no mailbox`);
  const ca = await readFile(mail.ca);
  const socket = connect({ host: '127.0.0.1', port: mail.imaps, servername: 'localhost', ca });
  const connection = new Connection(socket);
  try {
    await connection.greeting();
    await connection.command(`LOGIN "${account.address}" "${account.password}"`);
    const opened = await connection.command('EXAMINE INBOX');
    if (/\* 0 EXISTS/.test(opened)) return [];
    return literals(await connection.command('UID FETCH 1:* (BODY.PEEK[])'));
  } finally {
    socket.destroy();
  }
}
