// A telephone provider as the world of Twilio knows it: it tells of calls with signed forms, and records them.
import { createHmac } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { freePort, until } from './process.mjs';

const SECRET = 'segreto-del-fornitore';
const ACCOUNT = 'AC1';

/** Always open, one queue: for `config` of journeys. */
export const PHONE = `[phone]
opening = ["mon-sun 00:00-24:00"]
holidays = false
[[phone.queues]]
name = "urp"
numbers = ["800123"]
`;

/** Plays the provider; `told` has what it was told of recordings, by call. */
export async function playProvider() {
  const told = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const answer = (status, value) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      };
      const current = /\/Calls\/(\w+)\/Recordings\/Twilio\.CURRENT\.json$/.exec(request.url);
      if (request.method !== 'POST' || !current) return answer(404, { code: 20404, message: 'not found' });
      const status = new URLSearchParams(body).get('Status');
      told.set(current[1], [...(told.get(current[1]) ?? []), status]);
      return answer(200, { status });
    });
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${port}`, told, stop: () => server.close() };
}

/** Opens the provider's account, which records talks, and puts agents on duty. */
export async function openTelephone(app, provider, agents) {
  await mkdir(join(app.data, 'secrets'), { recursive: true });
  await writeFile(join(app.data, 'secrets', 'fornitore'), SECRET);
  const token = (await app.command('token', 'create', '--role', 'admin')).trim().split('\n').at(-1);
  const send = async (method, path, value) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${app.url}/api/v1${path}`, { method, headers, body: value && JSON.stringify(value) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const settings = { account_sid: ACCOUNT, url: provider.url, records: 'true', auth_token: 'file:fornitore' };
  await send('POST', '/accounts', { name: 'fornitore', driver: 'phone_twilio', settings, enabled: true });
  for (const [place, { login }] of agents.entries()) {
    const extension = String(7 + place);
    await send('PUT', `/phone/agents/${login}`, { state: 'ready', extension, address: `sip:${extension}@cc.test` });
  }
  // Its hooks answer once this node has opened it.
  await until('the account to be open', async () => (await fetch(`${app.url}/hooks/fornitore/status`)).status !== 404);
  return {
    /** The ticket that a call became a contact of, some moments after its end. */
    ticketOf: (call) =>
      until(`the call ${call} to be on a ticket`, async () => {
        const { calls } = await send('GET', '/calls?limit=20');
        return calls.find((one) => one.call === call)?.ticket;
      }),
    /** What the provider tells of a call; gives its answer. */
    async tell(address, call, more) {
      const url = new URL(address, app.url).href;
      const fields = { CallSid: call, From: '+393331234567', To: '+39800123', Direction: 'inbound', ...more };
      const words = Object.keys(fields).sort().map((name) => name + fields[name]).join('');
      const signature = createHmac('sha1', SECRET).update(url + words).digest('base64');
      const headers = { 'x-twilio-signature': signature };
      const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
      return text;
    },
  };
}

const attribute = (markup, name) =>
  new RegExp(`${name}="([^"]*)"`).exec(markup)[1].replaceAll('&amp;', '&');

/** A citizen calls and is put through to whoever is free; gives what ends the call. */
export async function talk(telephone, call) {
  const dial = await telephone.tell('/hooks/fornitore/queue?queue=urp', call, { CallStatus: 'in-progress' });
  const leg = { ParentCallSid: call, CallStatus: 'in-progress' };
  await telephone.tell(attribute(dial, 'statusCallback'), `${call}LEG`, leg);
  return async () => {
    const over = { CallStatus: 'in-progress', DialCallStatus: 'completed', DialCallDuration: '60' };
    await telephone.tell(attribute(dial, 'action'), call, over);
    await telephone.tell('/hooks/fornitore/status', call, { CallStatus: 'completed' });
  };
}
