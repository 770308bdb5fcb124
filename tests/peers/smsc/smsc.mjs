// An SMSC for tests, on the npm package `smpp`. Over SMPP it takes binds, keeps what is submitted and reports on it;
// over HTTP a test makes it deliver texts, looks at what was submitted and tells it to misbehave. What was not
// acknowledged is kept in a file and delivered again to the next receiver, as real ones do.

import fs from 'node:fs';
import http from 'node:http';
import smpp from 'smpp';

const [smppPort, httpPort, storeFile, password, certFile, keyFile] = process.argv.slice(2);

// Written before every answer to a test: a kill loses nothing that the test was told.
const store = fs.existsSync(storeFile)
  ? JSON.parse(fs.readFileSync(storeFile))
  : { nextId: 0x3e8, nextText: 1, submitted: [], undelivered: [], acknowledged: [] };
const save = () => {
  fs.writeFileSync(`${storeFile}.tmp`, JSON.stringify(store));
  fs.renameSync(`${storeFile}.tmp`, storeFile);
};

// How it misbehaves: statuses for the next submissions, receipts held back, sessions cut before an acknowledgement
// is read.
const moods = { statuses: [], receipts: true, cutBeforeAck: 0, enquired: 0 };
const receivers = new Set();
const sessions = new Set();

const deliver = (session, text) => {
  const options = { ...text.pdu };
  if (text.hex) options.short_message = Buffer.from(text.hex, 'hex');
  session.deliver_sm(options, (answer) => {
    if (moods.cutBeforeAck > 0) {
      moods.cutBeforeAck -= 1;
      session.destroy();
      return;
    }
    if (answer.command_status !== 0) {
      setTimeout(() => receivers.has(session) && deliver(session, text), 200);
      return;
    }
    store.undelivered = store.undelivered.filter((other) => other.id !== text.id);
    store.acknowledged.push(text.id);
    save();
  });
};

const push = (text) => {
  const queued = { id: store.nextText++, ...text };
  store.undelivered.push(queued);
  save();
  const [session] = receivers;
  if (session) deliver(session, queued);
};

const stamp = () => new Date().toISOString().replace(/[-T:]/g, '').slice(2, 12);

const report = (pdu, id) => {
  const delivered = !pdu.destination_addr.endsWith('000');
  const state = delivered ? 'DELIVRD' : 'UNDELIV';
  // Decimal here, hexadecimal in the answer: so do many.
  const text = `id:${String(id).padStart(10, '0')} sub:001 dlvrd:00${delivered ? 1 : 0} submit date:${stamp()} `
    + `done date:${stamp()} stat:${state} err:${delivered ? '000' : '011'} text:`;
  push({ hex: Buffer.from(text).toString('hex'), pdu: {
    esm_class: 4, data_coding: 0,
    source_addr_ton: 1, source_addr_npi: 1, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
  } });
};

const tls = certFile ? { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) } : {};
const server = smpp.createServer(tls, (session) => {
  sessions.add(session);
  const gone = () => { receivers.delete(session); sessions.delete(session); };
  session.on('close', gone);
  session.on('error', gone);
  for (const kind of ['bind_receiver', 'bind_transmitter', 'bind_transceiver']) {
    session.on(kind, (pdu) => {
      if (pdu.password !== password) {
        session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
        session.close();
        return;
      }
      session.send(pdu.response({ system_id: 'SMSC' }));
      if (kind !== 'bind_transmitter') {
        receivers.add(session);
        for (const text of [...store.undelivered]) deliver(session, text);
      }
    });
  }
  session.on('enquire_link', (pdu) => { moods.enquired += 1; session.send(pdu.response()); });
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const status = moods.statuses.shift();
    if (status) {
      session.send(pdu.response({ command_status: status }));
      return;
    }
    const id = ++store.nextId;
    const message = pdu.short_message?.message ?? '';
    const payload = pdu.message_payload?.message ?? pdu.message_payload;
    const udh = pdu.short_message?.udh;
    store.submitted.push({
      id: id.toString(16).toUpperCase(),
      from: pdu.source_addr, fromTon: pdu.source_addr_ton,
      to: pdu.destination_addr, toTon: pdu.dest_addr_ton,
      coding: pdu.data_coding, receipt: pdu.registered_delivery,
      text: String(message), payload: payload === undefined ? null : String(payload),
      udh: udh ? Buffer.concat([].concat(udh)).toString('hex') : null,
      sar: pdu.sar_total_segments
        ? [Number(pdu.sar_msg_ref_num), pdu.sar_total_segments, pdu.sar_segment_seqnum] : null,
    });
    save();
    session.send(pdu.response({ message_id: id.toString(16).toUpperCase() }));
    if (moods.receipts && pdu.registered_delivery & 1) report(pdu, id);
  });
});
server.on('error', (error) => { console.error(error); process.exit(1); });
server.listen(Number(smppPort), '127.0.0.1');

http.createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    if (request.method === 'POST') {
      const asked = JSON.parse(body);
      if (request.url === '/deliver') push(asked);
      if (request.url === '/moods') Object.assign(moods, asked);
      if (request.url === '/cut') for (const session of sessions) session.destroy();
    }
    const { submitted, undelivered, acknowledged } = store;
    response.end(JSON.stringify({
      submitted, undelivered: undelivered.length, acknowledged, receivers: receivers.size, enquired: moods.enquired,
    }));
  });
}).listen(Number(httpPort), '127.0.0.1');
