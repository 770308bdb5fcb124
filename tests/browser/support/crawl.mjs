// Walking through the pages as somebody who follows every link.

/** Folders whose next part is a name that the agency gave. */
const NAMED = ['strutture', 'unit', 'agency', 'distribuzione', 'sedi'];

/** Addresses that differ only in codes, numbers, names and values have one shape. */
const shape = (url) => {
  const path = url.pathname
    .split('/')
    .map((part, place, parts) => {
      if (NAMED.includes(parts[place - 1])) return '{name}';
      if (/^[0-9A-HJKMNP-TV-Z]{9}$/.test(part)) return '{code}';
      if (/^\d+$/.test(part)) return '{number}';
      if (/^[A-Z]+-\d+$/.test(part)) return '{sheet}';
      return part;
    })
    .join('/');
  return `${path}?${[...url.searchParams.keys()].sort()}`;
};

/** Waits until the page has what it asks for after loading. */
export async function settle(page) {
  await page.waitForLoadState('load');
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => !document.querySelector('.htmx-request'));
}

const linksOf = (page) =>
  page.$$eval('a[href]', (links) =>
    links.map((link) => ({ href: link.href, words: link.textContent.trim() || link.ariaLabel || '' })),
  );

/**
 * Opens `start` and everything reachable from it, at most `each` pages of one shape, and calls
 * `visit(page)` on each. Other links of a shape are only asked for, at most four times as many; links
 * that change the language are left alone, because every page after them would be another.
 * Gives the pages visited; throws the list of broken links: answers above 399 and missing anchors.
 */
export async function crawl(page, start, { each = 3, visit = async () => {} } = {}) {
  const origin = new URL(start, page.url()).origin;
  const queue = [{ href: new URL(start, page.url()).href, from: 'the start' }];
  const seen = new Set();
  const opened = new Map();
  const asked = new Map();
  const visited = [];
  const broken = [];
  const more = (counts, key, limit) => {
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count < limit;
  };

  while (queue.length > 0) {
    const { href, from, words } = queue.shift();
    const url = new URL(href);
    const anchor = decodeURIComponent(url.hash.slice(1));
    if (url.origin !== origin || !/^https?:$/.test(url.protocol) || seen.has(url.href) || url.searchParams.has('lang')) continue;
    seen.add(url.href);
    const key = shape(url);
    if (!more(asked, `${key}${url.hash && '#'}`, each * 4)) continue;
    const response = await page.context().request.get(url.href.replace(/#.*/, ''));
    const where = `${url.pathname}${url.search}${url.hash} ("${words}" on ${from})`;
    if (response.status() > 399) {
      broken.push(`${response.status()} ${where}`);
      continue;
    }
    if (!response.headers()['content-type']?.startsWith('text/html')) continue;
    if (anchor && !(await response.text()).includes(`id="${anchor}"`)) broken.push(`no anchor ${where}`);
    // Where a redirect leads is another link's page.
    if (anchor || response.url() !== url.href || !more(opened, key, each)) continue;
    await page.goto(url.href);
    await settle(page);
    visited.push(`${url.pathname}${url.search}`);
    await visit(page);
    const here = new URL(page.url()).pathname;
    queue.push(...(await linksOf(page)).map((link) => ({ ...link, from: here })));
  }
  if (broken.length > 0) throw new Error(`broken links:\n  ${broken.join('\n  ')}`);
  return visited;
}
