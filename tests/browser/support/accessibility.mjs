// The automatic part of WCAG 2.2 A and AA, by axe.
import { AxeBuilder } from '@axe-core/playwright';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const describe = ({ id, impact, help, helpUrl, nodes }) => {
  const places = nodes.map((node) => `    ${node.target.flat().join(' ')}\n      ${node.html}`);
  return `  ${id} (${impact}): ${help}\n    ${helpUrl}\n${places.join('\n')}`;
};

/**
 * Fails when axe finds a violation on the page as it stands, naming rule, impact and elements.
 * `include` narrows the check to one selector.
 */
export async function noViolations(page, { include } = {}) {
  // Without JavaScript axe would wait for ever.
  if (await page.evaluate(() => matchMedia('(scripting: none)').matches)) {
    throw new Error('axe needs JavaScript: check the accessibility of this page in one that has it');
  }
  const builder = new AxeBuilder({ page }).withTags(TAGS);
  if (include) builder.include(include);
  const { violations } = await builder.analyze();
  if (violations.length > 0) {
    const list = violations.map(describe).join('\n');
    throw new Error(`accessibility of ${page.url()}: ${violations.length} rules broken\n${list}`);
  }
}
