import { expect, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import type { VerifyReport } from '../../src/verify/report.js';
import { checkRequirement, parseRequirement } from '../../src/verify/requirement.js';
import { summarize } from '../../src/verify/statistics.js';

const accuracies = [0.7, 0.8, 0.9];
const report = {
  runs: [
    {
      device: 'gaussian:0.1',
      accuracy: { clean: 0.95, ...summarize(accuracies) },
      draws: accuracies.map((accuracy, chip) => ({ chip, accuracy })),
    },
  ],
} as unknown as Pick<VerifyReport, 'runs'>;

test.each([
  ['mean(acc)>=0.80', 0.8, true],
  ['mean(accuracy) > 80%', 0.8, false],
  ['min>=0.7', 0.7, true],
  ['max(acc)<0.85', 0.9, false],
  ['std(acc) <= 0.1', 0.1, true],
  ['p50(acc)>=0.8', 0.8, true],
  ['p05(acc)>=0.72', 0.71, false],
  ['P99 (ACC) >= 85 %', 0.898, true],
  ['clean(acc)>=95%', 0.95, true],
])('%s', (text, value, met) => {
  const [verdict] = checkRequirement(parseRequirement(text), report);
  expect(verdict!.value).toBeCloseTo(value, 12);
  expect(verdict).toMatchObject({ requirement: text, device: 'gaussian:0.1', met });
});

test.each([
  ['accuracy > good', /"good" is no number/],
  ['p05(acc)', /expected STATISTIC/],
  ['p05(acc)>=80', /no accuracy reaches 80[^]*write 0.8 or 80%/],
  ['median(f1)>=0.5', /unknown statistic "median"[^]*unknown measure "f1"/],
  ['p101(acc)>=0.5', /unknown statistic/],
])('refuses %s', (text, message) => {
  expect(() => parseRequirement(text)).toThrow(message);
  expect(() => parseRequirement(text)).toThrow(TemperError);
});

test('a measure the verification does not have is refused', () => {
  expect(() => checkRequirement(parseRequirement('mean(top5)>=0.5'), report)).toThrow(/has no top5/);
  expect(() => checkRequirement(parseRequirement('mean(mse)<=2'), report)).toThrow(/targets/);
});
