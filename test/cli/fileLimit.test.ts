import { expect, it } from 'vitest';
import { fewFiles, leastFiles } from '../../src/cli/fileLimit.js';

/** Of /proc/self/limits, in which the system writes the soft limit, the hard limit and the unit. */
const limits = (soft: string, hard: string) =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             96309                96309                processes ',
    `Max open files            ${soft.padEnd(20)} ${hard.padEnd(20)} files     `,
  ].join('\n');

it('few open files are told with how many there are, and what to do', () => {
  const told = fewFiles(limits('120', '120'));
  expect(told).toMatch(
    /^temper cannot start: this process may open 120 files at once, and needs 384\n {2}hint: /,
  );
  expect(told).toContain('ulimit -n 768');
});

it('the hard limit counts: Node raises the other to it', () => {
  expect(fewFiles(limits('120', '4096'))).toBeUndefined();
  expect(fewFiles(limits('120', 'unlimited'))).toBeUndefined();
  expect(fewFiles(limits(String(leastFiles), String(leastFiles)))).toBeUndefined();
});

it('where the system does not tell, nothing is said', () => {
  expect(fewFiles('')).toBeUndefined();
});
