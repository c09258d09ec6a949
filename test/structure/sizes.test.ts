import { expect, it } from 'vitest';
import { functionLengths, sources } from './sources.js';

const longestFile = 300;
const longestFunction = 60;
const longestMedian = 120;

it(`keeps files within ${longestFile} lines`, () => {
  const long = sources.filter((file) => file.lines.length > longestFile);
  expect(long.map((file) => `${file.path}: ${file.lines.length}`)).toEqual([]);
});

it(`keeps functions within ${longestFunction} lines`, () => {
  const long = sources.flatMap((file) =>
    functionLengths(file)
      .filter(({ length }) => length > longestFunction)
      .map(({ line, length }) => `${file.path}:${line}: ${length}`),
  );
  expect(long).toEqual([]);
});

it(`keeps half of the files within ${longestMedian} lines`, () => {
  const lengths = sources.map((file) => file.lines.length).sort((a, b) => a - b);
  expect(lengths[lengths.length >> 1]).toBeLessThanOrEqual(longestMedian);
});

it('opens every module with what it is', () => {
  const silent = sources.filter((file) => !/^(#!.*\n)?\/\*\*/.test(file.text));
  expect(silent.map((file) => file.path)).toEqual([]);
});

it('has no folder or file for leftovers', () => {
  const leftovers = sources.filter((file) =>
    /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/i.test(file.path),
  );
  expect(leftovers.map((file) => file.path)).toEqual([]);
});
