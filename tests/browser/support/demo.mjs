// People of the demo agency.
import { signIn } from './sign-in.mjs';

const PASSWORD = 'sportello-demo';
const person = (login, name) => ({ login, name, password: PASSWORD });

export const admin = person('t.malacarne@comune.valdoria.example', 'Tiziano Malacarne');
export const supervisor = person('o.bressan@comune.valdoria.example', 'Ornella Bressan');
/** Agents of the contact centre; the last one reads the desk in English. */
export const giada = person('g.terenzi@comune.valdoria.example', 'Giada Terenzi');
export const nicolo = person('n.bordignon@comune.valdoria.example', 'Nicolò Bordignon');
export const samira = person('s.haddad@comune.valdoria.example', 'Samira Haddad');
/** A back office of the town with an account. */
export const referent = person('m.quaranta@comune.valdoria.example', 'Mirella Quaranta');

/** A page of somebody who signed in. */
export async function deskOf(newPage, who, { path = '/scrivania', ...options } = {}) {
  const page = await newPage(options);
  await signIn(page, who, { path });
  // Keys pressed before the scripts run would go nowhere.
  await page.waitForLoadState('load');
  return page;
}
