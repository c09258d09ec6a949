import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/random/stream.js';
import type { VerifyDraw, VerifyReport } from '../../../src/verify/report/report.js';
import { parseRequirement } from '../../../src/verify/report/requirement.js';
import { measuredOf } from '../../../src/verify/report/results.js';
import { checkRequirement } from '../../../src/verify/report/verdicts.js';
import { accuracyBounds, lowerMean } from '../../../src/verify/statistics/meanBounds.js';
import { momentsOf } from '../../../src/verify/statistics/moments.js';
import { lowerShare } from '../../../src/verify/statistics/tolerance.js';

type Runs = Pick<VerifyReport, 'runs'>;

function reportOf(draws: VerifyDraw[], clean = 0.95): Runs {
  const measure = draws.some(({ mse }) => mse !== undefined) ? 'mse' : 'accuracy';
  const measured = measuredOf(draws, { [measure]: clean, ties: 0, notNumbers: 0 }, () => undefined);
  return { runs: [{ device: 'gaussian:0.1', ...measured, draws }] } as unknown as Runs;
}

const accuracies = (values: number[]) => reportOf(values.map((accuracy, chip) => ({ chip, accuracy })));
const errors = (values: (number | undefined)[]) =>
  reportOf(values.map((mse, chip) => ({ chip, ...(mse === undefined ? { notNumbers: 7 } : { mse }) })));
const check = (text: string, report: Runs) => checkRequirement(parseRequirement(text), report)[0]!;

describe('of the sampled chips', () => {
  const report = accuracies([0.7, 0.8, 0.9]);
  test.each([
    ['mean(acc)>=0.80', 0.8, true],
    ['mean(accuracy) > 80%', 0.8, false],
    ['min>=0.7', 0.7, true],
    ['max(acc)<0.85', 0.9, false],
    ['std(acc) <= 0.1', 0.1, true],
    ['clean(acc)>=95%', 0.95, true],
  ])('%s', (text, value, met) => {
    const verdict = check(text, report);
    expect(verdict.value).toBeCloseTo(value, 12);
    expect(verdict).toMatchObject({ requirement: text, device: 'gaussian:0.1', draws: 3, met });
    expect(verdict.confidence).toBeUndefined();
  });
});

describe('of all chips', () => {
  /** 0.01, 0.02, ... 1.00 in another order. */
  const hundred = accuracies(Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) / 100 + 0.01));

  test('a quantile is bounded by one of the sampled chips', () => {
    expect(check('p05(acc)>=0.02', hundred)).toMatchObject({ value: 0.02, rank: 2, met: true });
    expect(check('p05(acc)>=0.021', hundred)).toMatchObject({ met: false, confidence: 0.95 });
    expect(check('p95(acc)<=0.99', hundred)).toMatchObject({ value: 0.99, rank: 2, met: true });
    // 44 of 100: the 95 % point of the binomial of 100 and 1/2 is 58.
    expect(check('p50(acc)>=0.42', hundred)).toMatchObject({ value: 0.42, met: true });
  });

  test('a yield is bounded by the share of the sampled chips that pass', () => {
    const verdict = check('yield(acc>=0.11)>=0.8', hundred);
    expect(verdict).toMatchObject({ passed: 90, sampled: 0.9, draws: 100, met: true });
    expect(verdict.value).toBeCloseTo(lowerShare(90, 100, 0.95), 12);
    expect(check('yield(acc>=0.11)>=0.9', hundred).met).toBe(false);
    expect(check('yield(acc<0.11)<=0.2', hundred)).toMatchObject({ passed: 10, met: true });
  });

  test('the worst of 59 is enough for 95 % of them, and only if it passes', () => {
    const passing = Array<number>(59).fill(0.8);
    expect(check('yield(acc>=0.8)>=0.95', accuracies(passing)).met).toBe(true);
    expect(check('p05(acc)>=0.8', accuracies(passing)).met).toBe(true);
    expect(check('yield(acc>=0.8)>=0.95', accuracies([...passing.slice(1), 0.79])).met).toBe(false);
    expect(check('p05(acc)>=0.8', accuracies([...passing.slice(1), 0.79])).met).toBe(false);
  });

  test('p05 and yield of 95 % are the same question', () => {
    const values = [...randomStream('same question').uniforms(300)];
    for (const count of [60, 100, 150, 300])
      for (const limit of [0.01, 0.02, 0.03, 0.05, 0.1]) {
        const report = accuracies(values.slice(0, count));
        expect(check(`p05(acc)>=${limit}`, report).met).toBe(check(`yield(acc>=${limit})>=0.95`, report).met);
      }
  });

  test('a mean with a confidence is bounded, without one it is that of the sample', () => {
    const values = [0.7, 0.8, 0.9];
    const { value, sampled, met } = check('mean(acc)>=0.8@0.95', accuracies(values));
    expect(value).toBeCloseTo(lowerMean({ chips: momentsOf(values) }, accuracyBounds, 0.95), 12);
    expect(sampled).toBeCloseTo(0.8, 12);
    expect(met).toBe(false);
  });

  test('too few draws are refused, not judged', () => {
    expect(() => check('p05(acc)>=0.8', accuracies([0.9, 0.9]))).toThrow(/at least 59/);
  });
});

describe('chips without a number', () => {
  const mixed = errors([0.1, undefined, 0.2, 0.9, ...Array<number>(96).fill(0.3)]);

  test('fail whatever they are asked for, and are named', () => {
    for (const text of ['mean(mse)<=1', 'mean(mse)>=0', 'max(mse)<=1', 'min(mse)<=1', 'std(mse)<=1']) {
      const verdict = check(text, mixed);
      expect(verdict).toMatchObject({ met: false, notNumbers: [1] });
      expect(verdict.value).toBeUndefined();
    }
  });

  test('are the worst, in either direction', () => {
    expect(check('p95(mse)<=0.9', mixed)).toMatchObject({ rank: 2, value: 0.9, met: true });
    expect(check('p05(mse)>=0.1', mixed)).toMatchObject({ rank: 2, value: 0.1, met: true });
    expect(check('yield(mse<=1)>=0.9', mixed)).toMatchObject({ passed: 99, met: true });
    expect(check('yield(mse>1)<=0.1', mixed)).toMatchObject({ passed: 1, met: true });
    const two = errors([undefined, undefined, ...Array<number>(98).fill(0.3)]);
    expect(check('p95(mse)<=0.9', two)).toMatchObject({ met: false, notNumbers: [0, 1] });
    expect(check('p95(mse)<=0.9', two).value).toBeUndefined();
  });

  test('count as failed also where an accuracy is known, their examples being wrong', () => {
    const draws = Array.from({ length: 59 }, (_, chip) => ({ chip, accuracy: 0.9 }));
    const report = reportOf([{ ...draws[0]!, notNumbers: 1 }, ...draws.slice(1)]);
    expect(check('yield(acc>=0.8)>=0.95', report)).toMatchObject({ passed: 58, met: false, notNumbers: [0] });
    expect(check('p05(acc)>=0.8', report).met).toBe(false);
    expect(check('min(acc)>=0.8', report).met).toBe(false);
    expect(check('mean(acc)>=0.8', report)).toMatchObject({ met: true, notNumbers: [0] });
  });

  test('all of them: no statistics, and no verdict met', () => {
    const silent = errors(Array<undefined>(59).fill(undefined));
    expect(silent.runs[0]!.mse).toBeUndefined();
    for (const text of ['mean(mse)<=1', 'p95(mse)<=1', 'yield(mse<=1)>=0.5'])
      expect(check(text, silent).met).toBe(false);
  });
});

test('a measure the verification does not have is refused', () => {
  const report = accuracies([0.7, 0.8]);
  expect(() => check('mean(top5)>=0.5', report)).toThrow(/has no top5/);
  expect(() => check('mean(mse)<=2', report)).toThrow(/targets/);
});
