// The harness itself, tried on a few static pages: what it must accept and what it must catch.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { noViolations } from './accessibility.mjs';
import { assertNoComplaints } from './browser.mjs';
import { engines, journeys } from './journeys.mjs';
import { freePort, start, until } from './process.mjs';
import { signIn } from './sign-in.mjs';

const document = (body, title = 'Prova') =>
  `<!doctype html><html lang="it"><head><meta charset="utf-8"><title>${title}</title></head>` +
  `<body><main>${body}</main></body></html>`;

const SIGN_IN = `<h1>Accesso</h1><form method="post" action="/scrivania">
  <p><label>Utente <input name="login" autocomplete="username"></label></p>
  <p><label>Parola chiave <input name="password" type="password" autocomplete="current-password"></label></p>
  <button>Entra</button></form>`;

const PAGES = {
  '/': document('<h1>Buongiorno</h1>'),
  '/login': document(SIGN_IN),
  '/careless': document('<h1>Modulo</h1><input type="text"><p style="color:#ccc">chiaro</p>'),
  '/tiny': document(
    '<h1>Piccoli</h1><button style="width:9px;height:9px;padding:0;border:0" aria-label="a"></button>' +
      '<button style="width:9px;height:9px;padding:0;border:0" aria-label="b"></button>',
  ),
  '/inline': document('<h1>Codice</h1><script>document.title = "eseguito"</script>'),
};

async function serveStaticPages() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const redirect = (location) => response.writeHead(303, { location }).end();
    if (request.method === 'POST') {
      let form = '';
      request.on('data', (chunk) => (form += chunk));
      request.on('end', () => {
        const right = new URLSearchParams(form).get('password') === 'giusta';
        redirect(right ? '/scrivania?in' : '/login');
      });
      return;
    }
    if (pathname === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    if (pathname === '/scrivania' && !request.url.includes('?in')) {
      redirect('/login');
      return;
    }
    const body = pathname === '/scrivania' ? document('<h1>Scrivania</h1>') : PAGES[pathname];
    response.writeHead(body ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'self'; style-src 'unsafe-inline'",
    });
    response.end(body ?? document('<h1>Non trovata</h1>'));
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => '',
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

journeys('harness', { serve: serveStaticPages }, (journey) => {
  journey('a sound page passes', async ({ newPage }) => {
    const page = await newPage();
    await page.goto('/');
    await noViolations(page);
  });

  journey('a page without JavaScript works, and axe says that it cannot', async ({ newPage }) => {
    const page = await newPage({ javaScriptEnabled: false });
    await page.goto('/');
    assert.equal(await page.textContent('h1'), 'Buongiorno');
    await assert.rejects(noViolations(page), /axe needs JavaScript/);
  });

  journey('an inaccessible page fails with rule, impact and element', async ({ newPage }) => {
    const page = await newPage();
    await page.goto('/careless');
    await assert.rejects(noViolations(page), (error) => {
      assert.match(error.message, /label \(critical\)/);
      assert.match(error.message, /color-contrast \(serious\)/);
      assert.match(error.message, /input/);
      return true;
    });
  });

  journey('targets too small for a finger fail', async ({ newPage }) => {
    const page = await newPage();
    await page.goto('/tiny');
    await assert.rejects(noViolations(page), /target-size/);
  });

  journey('a script against the content security policy is caught', async ({ newPage, allowComplaint }) => {
    const page = await newPage();
    await page.goto('/inline');
    assert.throws(() => assertNoComplaints(page), /Content Security Policy/i);
    allowComplaint(page, /Content Security Policy/i);
  });

  journey('a missing page is a complaint unless the journey expects it', async ({ newPage, allowComplaint }) => {
    const page = await newPage();
    await page.goto('/nowhere');
    assert.throws(() => assertNoComplaints(page), /404/);
    allowComplaint(page, /status of 404/);
  });

  journey('a person signs in, and a wrong password is told', async ({ newPage }) => {
    const page = await newPage();
    await signIn(page, { login: 'anna', password: 'giusta' });
    assert.equal(await page.textContent('h1'), 'Scrivania');
    await assert.rejects(
      signIn(page, { login: 'anna', password: 'errata' }),
      /anna could not sign in/,
    );
  });
});

test('an engine nobody knows is refused', (t) => {
  const before = process.env.SPORTELLO_ENGINE;
  t.after(() => {
    if (before === undefined) delete process.env.SPORTELLO_ENGINE;
    else process.env.SPORTELLO_ENGINE = before;
  });
  process.env.SPORTELLO_ENGINE = 'oracle';
  assert.throws(engines, /sqlite or postgres/);
});

test('stopping a program also ends what it started', async () => {
  const shell = start('bash', ['-c', 'sleep 60 & echo $!; wait']);
  const child = Number(await until('the child to start', () => shell.log().trim()));
  await shell.stop();
  await until('the child to end', () => {
    try {
      process.kill(child, 0);
      return false;
    } catch {
      return true;
    }
  });
});
