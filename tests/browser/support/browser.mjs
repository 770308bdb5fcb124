// Chromium from the system, and pages that report what they complained of.
import { chromium } from 'playwright-core';

import { need } from './components.mjs';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser; the caller closes it. */
export function launchBrowser() {
  return chromium.launch({ executablePath: need('chromium'), args: ARGUMENTS });
}

const complaints = new WeakMap();

/**
 * Records every console error, uncaught exception, failed own request and violation of the
 * content security policy of a page, for `assertNoComplaints`.
 */
export async function watch(page) {
  const seen = { list: [], allowed: [] };
  complaints.set(page, seen);
  const add = (kind, text) => seen.list.push(`${kind}: ${text}`);
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url, lineNumber } = message.location();
    add('console error', `${message.text()}${url ? ` (${url}:${lineNumber + 1})` : ''}`);
  });
  page.on('pageerror', (error) => add('uncaught exception', error.stack ?? error.message));
  // Chromium already writes enforced violations to the console; policies that only report do not.
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      if (event.disposition === 'report') {
        console.error(
          `content security policy: ${event.effectiveDirective} would block ${event.blockedURI}`,
        );
      }
    });
  });
}

/** Says that complaints matching `pattern` belong to the journey, such as a refused form's 422. */
export function allowComplaint(page, pattern) {
  complaints.get(page).allowed.push(pattern);
}

/** Fails with everything a watched page complained of that was not allowed. */
export function assertNoComplaints(page) {
  const { list, allowed } = complaints.get(page);
  const left = list.filter((line) => !allowed.some((pattern) => pattern.test(line)));
  if (left.length > 0) {
    throw new Error(`the page ${page.url()} complained:\n  ${left.join('\n  ')}`);
  }
}
