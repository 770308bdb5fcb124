// Reading a mail as its recipient does: headers unfolded and decoded, the plain text, the links.

const decoder = (charset) => {
  try {
    return new TextDecoder(charset || 'utf-8');
  } catch {
    return new TextDecoder('utf-8');
  }
};

const quotedPrintable = (text) =>
  Buffer.from(
    text
      .replace(/=\r?\n/g, '')
      .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );

const bytes = (text, encoding) => {
  if (/base64/i.test(encoding)) return Buffer.from(text, 'base64');
  if (/quoted-printable/i.test(encoding)) return quotedPrintable(text);
  return Buffer.from(text, 'latin1');
};

const words = (value) =>
  value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_, charset, kind, text) => {
      const raw = /b/i.test(kind) ? bytes(text, 'base64') : quotedPrintable(text.replaceAll('_', ' '));
      return decoder(charset).decode(raw);
    });

/** Splits a part into headers (by lower-case name, the first of each) and body. */
function part(source) {
  const end = source.search(/\r?\n\r?\n/);
  const head = (end < 0 ? source : source.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ');
  const headers = {};
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !(name in headers)) headers[name] = line.slice(colon + 1).trim();
  }
  return { headers, body: end < 0 ? '' : source.slice(end).replace(/^(\r?\n){2}/, '') };
}

function plainText(source) {
  const { headers, body } = part(source);
  const type = headers['content-type'] ?? 'text/plain';
  const boundary = /^multipart\//i.test(type) && /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary) {
    const parts = body.split(new RegExp(`(?:^|\\r?\\n)--${boundary.replace(/[^\w]/g, '\\$&')}(?:--)?[ \\t]*\\r?\\n?`));
    return parts.slice(1).map(plainText).find((text) => text !== undefined);
  }
  if (!/^text\/plain/i.test(type)) return undefined;
  const charset = /charset="?([^";]+)"?/i.exec(type)?.[1];
  return decoder(charset).decode(bytes(body, headers['content-transfer-encoding'] ?? ''));
}

/** A mail: `header(name)`, its plain `text` and the `links` in it, and the `raw` source. */
export function readMail(raw) {
  const source = raw.toString('latin1');
  const { headers } = part(source);
  const text = (plainText(source) ?? '').replaceAll('\r\n', '\n');
  return {
    raw: source,
    header: (name) => words(headers[name.toLowerCase()] ?? ''),
    text,
    links: text.match(/https?:\/\/[^\s<>"]+/g) ?? [],
  };
}
