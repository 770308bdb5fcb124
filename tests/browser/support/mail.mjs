// The post of the journeys: Sportello's mailbox, citizens' mailboxes, and what left for elsewhere.
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { fetchMessages } from './imap.mjs';
import { readMail } from './mime.mjs';
import { until } from './process.mjs';

/** The mailbox that Sportello reads and writes from. */
export const OFFICE = 'urp@cc.test';
/** The mailbox of a citizen. */
export const CITIZEN = 'cittadino@cc.test';

/** `sportello.toml` for the peers' mail servers. Here forms are filled faster than people can. */
export function mailConfig({ mail }) {
  const { password } = mail.accounts.find(({ address }) => address === OFFICE);
  return `
[[mail.mailboxes]]
name = "urp"
address = "${OFFICE}"
host = "${mail.host}"
port = ${mail.imaps}
user = "${OFFICE}"
password = "${password}"
ca_file = "${mail.ca}"

[mail.smtp]
host = "${mail.host}"
port = ${mail.smtp.port}
security = "${mail.smtp.security}"
user = "${mail.smtp.user}"
password = "${mail.smtp.password}"
ca_file = "${mail.ca}"
from = "${OFFICE}"

[citizen]
form_seconds = 0
`;
}

/** Puts a mail into a mailbox, as its sender's provider would. */
export async function deliver(mail, address, source) {
  const socket = connect(mail.lmtp, '127.0.0.1').setEncoding('latin1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  const answer = async (code) => {
    await until(`LMTP to answer ${code}`, () => new RegExp(`^${code} [^\\n]*\\n`, 'm').test(received));
    received = '';
  };
  const say = (line, code) => {
    socket.write(`${line}\r\n`);
    return answer(code);
  };
  try {
    await answer(220);
    await say('LHLO journeys.test', 250);
    await say('MAIL FROM:<sender@example.org>', 250);
    await say(`RCPT TO:<${address}>`, 250);
    await say('DATA', 354);
    await say(`${source.replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..')}\r\n.`, 250);
  } finally {
    socket.destroy();
  }
}

/** A plain mail from the citizen to the office. */
export function write({ id, subject, text, to = OFFICE, inReplyTo }) {
  const thread = inReplyTo ? `In-Reply-To: ${inReplyTo}\nReferences: ${inReplyTo}\n` : '';
  return (
    `Message-ID: <${id}>\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\n` +
    `From: Agata Neri <${CITIZEN}>\nTo: ${to}\nSubject: ${subject}\n${thread}` +
    `MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${text}\n`
  );
}

const waitIn = (what, read, wanted) => until(what, async () => (await read()).findLast(wanted), { every: 250 });

/** Waits for a mail that `wanted` accepts in somebody's mailbox. */
export function waitForMail(mail, address, wanted) {
  const read = async () => (await fetchMessages(mail, address)).map(readMail);
  return waitIn(`a mail for ${address}`, read, wanted);
}

/** Waits for a mail that left for an address of the outside world. */
export function waitForPost(mail, address, wanted) {
  const read = async () => {
    const names = (await readdir(mail.captured)).filter((name) => name.endsWith('.eml'));
    const files = await Promise.all(names.map((name) => readFile(join(mail.captured, name))));
    return files
      .map((file) => [file.indexOf('\n'), file])
      .filter(([end, file]) => JSON.parse(file.subarray(0, end)).to.toLowerCase() === address)
      .map(([end, file]) => readMail(file.subarray(end + 1)));
  };
  return waitIn(`a mail for ${address}`, read, wanted);
}
