// Signing in as a person would.

/**
 * Opens `path`, is sent to the sign-in page, and enters. Fields are found by what browsers and
 * password managers go by, so the words of the page may change.
 * @param {{ login: string, password: string }} person
 */
export async function signIn(page, { login, password }, { path = '/scrivania' } = {}) {
  await page.goto(path);
  const secret = page.locator('input[autocomplete="current-password"]');
  await page.locator('input[autocomplete="username"]').fill(login);
  await secret.fill(password);
  await Promise.all([page.waitForEvent('framenavigated'), secret.press('Enter')]);
  if (!new URL(page.url()).pathname.startsWith(path)) {
    throw new Error(`${login} could not sign in: still on ${page.url()}`);
  }
}
