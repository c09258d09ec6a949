import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands.js';
import { defineCommand } from '../../../src/cli/parse/command.js';
import {
  choice,
  flag,
  list,
  numbers,
  type Option,
  pair,
  real,
  text,
  whole,
} from '../../../src/cli/parse/option.js';
import { parse } from '../../../src/cli/parse/parser.js';
import { readValues } from '../../../src/cli/parse/values.js';
import { TemperError } from '../../../src/errors.js';

const bake = defineCommand({
  name: 'bake',
  summary: 'bakes a cake',
  positional: { name: 'cake', describe: 'which one' },
  options: {
    minutes: whole('how long', { minimum: 1, maximum: 90, default: 45 }),
    heat: real('how hot', { maximum: 300, alias: 't' }),
    oven: text('which oven', { required: true }),
    layers: numbers('thickness', { default: [1, 2] }),
    icing: choice('what is on it', ['none', 'sugar'], { default: 'none' }),
    fruit: list('what is in it', {}),
    candles: pair('how many of what', 'N COLOUR'),
    quiet: flag('no singing'),
  },
  examples: [['bake apple --oven gas', 'an apple cake']],
  async run() {},
});

async function read(line: string, preset = {}) {
  const { words } = await parse(line.split(' '), [bake], '1.2.3', 100);
  return readValues(bake, words, preset);
}

async function problemsOf(line: string): Promise<string[]> {
  const error = await read(line).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(TemperError);
  expect(error.kind).toBe('usage');
  return error.problems.map(
    ({ what, hint }: { what: string; hint?: string }) => `${what}${hint ? ` | ${hint}` : ''}`,
  );
}

describe('reading the command line', () => {
  it('gives values their types and fills in the defaults', async () => {
    expect(
      await read('bake apple --oven gas -t 180.5 --fruit a --fruit b --candles 3 red --layers 0.5,-1'),
    ).toEqual({
      input: 'apple',
      oven: 'gas',
      heat: 180.5,
      fruit: ['a', 'b'],
      candles: [3, 'red'],
      layers: [0.5, -1],
      minutes: 45,
      icing: 'none',
      quiet: false,
    });
  });

  it('keeps words that look like numbers as they are written', async () => {
    expect(await read('bake 007 --oven 1e3')).toMatchObject({ input: '007', oven: '1e3' });
  });

  it('lists every problem at once, with the nearest known option', async () => {
    const problems = await problemsOf('bake apple pie --minuts 3 --heat hot --icing butter');
    expect(problems).toHaveLength(5);
    expect(problems).toEqual(
      expect.arrayContaining([
        'unknown option --minuts | did you mean --minutes?',
        expect.stringContaining('unexpected: pie'),
        expect.stringContaining('--heat hot is not a number from 0 to 300'),
        expect.stringContaining('--icing butter is not one of none, sugar'),
        expect.stringContaining('--oven is missing'),
      ]),
    );
  });

  it.each([
    ['--minutes 0', '--minutes 0'],
    ['--minutes 91', '--minutes 91'],
    ['--minutes 1.5', '--minutes 1.5'],
    ['--minutes=', '--minutes'],
    ['--heat NaN', '--heat NaN'],
    ['--layers 1,,2', '--layers 1,,2'],
    ['--candles many red', '--candles many red is not a whole number'],
    ['--minutes 3 --minutes 4', '--minutes is given 2 times'],
  ])('refuses %s', async (words, expected) => {
    const problems = await problemsOf(`bake apple --oven gas ${words}`);
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it('refuses a missing positional argument', async () => {
    expect(await problemsOf('bake --oven gas')).toEqual([expect.stringContaining('missing: CAKE')]);
  });

  it('lets the command line win over a recipe, and the recipe over defaults', async () => {
    const values = await read('bake apple --minutes 10', { minutes: 20, icing: 'sugar', oven: 'gas' });
    expect(values).toMatchObject({ minutes: 10, icing: 'sugar', oven: 'gas' });
  });

  it('refuses an option without its value', async () => {
    const without = read('bake apple --oven');
    await expect(without).rejects.toThrow(/oven/);
    await expect(without).rejects.toMatchObject({ name: 'TemperError', kind: 'usage' });
    await expect(read('bake apple --oven gas --candles 3')).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('help', () => {
  it('shows options, defaults and examples', async () => {
    const { help, command } = await parse(['bake', '--help'], [bake], '1.2.3', 100);
    expect(command).toBeUndefined();
    expect(help).toContain('bakes a cake');
    expect(help).toContain('--minutes');
    expect(help).toContain('[default: 45]');
    expect(help).toContain('temper bake apple --oven gas');
  });

  it('shows the version', async () => {
    expect((await parse(['--version'], [bake], '1.2.3', 100)).help).toBe('1.2.3');
  });

  it('suggests the nearest command', async () => {
    const error = await parse(['bak', 'x'], [bake], '1.2.3', 100).catch((thrown) => thrown);
    expect(error.problems).toEqual([{ what: 'unknown command bak', hint: 'did you mean temper bake?' }]);
  });
});

describe('options that would do nothing', () => {
  const train = defineCommand({
    name: 'train',
    summary: 'trains',
    options: {
      method: choice('how', ['plain', 'wvat'], { default: 'wvat' }),
      gamma: real('probability', {
        default: 1,
        when: { said: '--method wvat', holds: ({ method }) => method === 'wvat' },
      }),
    },
    examples: [],
    async run() {},
  });
  const valuesOf = async (line: string, preset = {}) =>
    readValues(train, (await parse(line.split(' '), [train], '1', 100)).words, preset);

  it('are refused, their defaults and those of a recipe are not', async () => {
    await expect(valuesOf('train --method plain --gamma 0.5')).rejects.toThrow(
      '--gamma does nothing without --method wvat',
    );
    await expect(valuesOf('train --method plain')).resolves.toMatchObject({ gamma: 1 });
    await expect(valuesOf('train --method plain', { gamma: 0.5 })).resolves.toMatchObject({ gamma: 0.5 });
    await expect(valuesOf('train --gamma 0.5')).resolves.toMatchObject({ gamma: 0.5 });
  });
});

describe('options with a form of their own', () => {
  const spice = defineCommand({
    name: 'spice',
    summary: 'spices',
    options: {
      with: text('what', {
        check: (given) => {
          if (given === 'sand') throw new TemperError('usage', { what: 'no spice', hint: 'salt is' });
        },
      }),
      grams: whole('how much', { minimum: 1 }),
    },
    examples: [],
    async run() {},
  });

  it('are judged beside others; alone they are left to the command, which knows more', async () => {
    const alone = await parse('spice --with sand --grams 1'.split(' '), [spice], '1', 100);
    expect(readValues(spice, alone.words)).toEqual({ with: 'sand', grams: 1 });
    const { words } = await parse('spice --with sand --grams 0'.split(' '), [spice], '1', 100);
    const error = (() => {
      try {
        return readValues(spice, words);
      } catch (thrown) {
        return thrown as TemperError;
      }
    })() as TemperError;
    expect(error.problems).toEqual([
      expect.objectContaining({ what: expect.stringContaining('--grams 0') }),
      { what: 'no spice', hint: 'salt is' },
    ]);
  });
});

describe('numbers of things', () => {
  const counted = commands.flatMap(({ name, options }) =>
    Object.entries<Option>(options)
      .filter(([option, { value }]) => /^[NT]$/.test(value ?? '') && !/seed/.test(option))
      .map(([option, each]) => [name, option, each] as const),
  );

  it.each(counted)('of %s --%s have an upper bound', (_, __, { schema }) => {
    for (const value of [2 ** 31, 1e15, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])
      expect(schema.safeParse(value).success).toBe(false);
  });
});

describe('a value of the wrong kind', () => {
  const every = commands.flatMap((command) =>
    Object.keys(command.options).map((option) => [command.name, option, command] as const),
  );
  const words = ['x', '', '-', '1.5', '-1', '1e308', '1e999', 'NaN', '0x10', 'none,none,x', '1,,2', 'auto'];
  const strange: unknown[] = [...words, true, ['a', 'b'], 5];

  it.each(every)('of %s --%s is told in words of ours, with what is allowed', (_, name, command) => {
    const option: Option = command.options[name];
    for (const given of strange) {
      const problems = refusals(command, { _: [command.name], [name]: given }).filter(({ what }) =>
        what.startsWith(`--${name} `),
      );
      for (const { what } of problems)
        expect(what).not.toMatch(/Invalid|Too (big|small)|expected|received|>=|<=/);
      // Nothing that the schema refuses gets through, whatever it is.
      if (typeof given !== 'string' || option.kind === 'list' || option.kind === 'pair') continue;
      const value = option.read ? option.read(given) : given;
      if (!option.schema.safeParse(value).success)
        expect(problems[0]?.what).toContain(`is not ${option.allowed}`);
    }
  });

  it('names the range', () => {
    const [verify] = commands.filter(({ name }) => name === 'verify');
    for (const draws of ['1.5', '1e308', '0', 'many'])
      expect(refusals(verify!, { _: ['verify'], draws }).map(({ what }) => what)).toContainEqual(
        expect.stringMatching(/^--draws \S+ is not a whole number from 1 to \d+$/),
      );
  });

  it.each(every.filter(([, , { options }]) => options))('of %s --%s: - is no file', (_, name, command) => {
    const option: Option = command.options[name];
    if (!/FILE|DIR|MODEL/.test(option.value ?? '')) return;
    const given = option.kind === 'pair' ? ['0', '-'] : option.kind === 'list' ? ['-'] : '-';
    const found = refusals(command, { _: [command.name], [name]: given }).map(({ what }) => what);
    const means = expect.stringContaining('- means nothing here');
    if (option.value!.endsWith('|-')) expect(found).not.toContainEqual(means);
    else expect(found).toContainEqual(means);
  });
});

function refusals(command: (typeof commands)[number], words: Record<string, unknown>) {
  try {
    readValues(command, words);
    return [];
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    return error.problems;
  }
}
