/** However much is wrong with a file, and whatever its names are, what is said of it stays short, and JSON has all of it. */
import { describe, expect, it } from 'vitest';
import { describeFailure } from '../src/cli/terminal/failure.js';
import { describeProblem, type Problem, TemperError } from '../src/errors.js';

const name = 'x'.repeat(14_000);
const problems = Array.from(
  { length: 300 },
  (_, i): Problem => ({
    what: `value "${name}${i}" is wrong`,
    where: `node "${name}"`,
    hint: `rename ${name}`,
  }),
);

describe('a file with hundreds of faults and endless names', () => {
  const error = new TemperError('model', problems);

  it('makes a short message', () => {
    expect(error.message.length).toBeLessThan(20_000);
    expect(error.message).toMatch(/value "x+… \(\d+ more\) …x+0" is wrong/);
    expect(error.message).toMatch(/\nand 280 more$/);
  });

  it('makes a short text, and JSON with all of it', () => {
    const { text, json } = describeFailure(error);
    expect(text.length).toBeLessThan(20_000);
    expect(text).toMatch(/and 280 more problems \(--json shows all\)$/);
    expect(json.error.problems).toHaveLength(300);
    expect(json.error.problems[299]).toBe(problems[299]);
  });

  it('at equal faults, too', () => {
    const equal = problems.map(({ where }) => ({ what: 'wrong', where: `${where}` }));
    expect(describeFailure(new TemperError('model', equal)).text.length).toBeLessThan(2000);
  });
});

it('a problem has as many lines as it has parts, and those of its details', () => {
  const odd = 'a\r\n  hint: none\u2028b\u001b[1A';
  const text = describeProblem({ what: odd, where: odd, hint: odd, details: [odd, odd] });
  expect(text.split(/\r?\n|\u2028/)).toHaveLength(5);
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
});
