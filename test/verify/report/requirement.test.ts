import { describe, expect, test } from 'vitest';
import { TemperError } from '../../../src/errors.js';
import { parseRequirement, refuseUndecidable } from '../../../src/verify/report/requirement.js';

test.each([
  ['mean(acc)>=0.80', { statistic: 'mean', measure: 'accuracy', comparison: '>=', limit: 0.8 }],
  ['min>=0.7', { statistic: 'min', measure: 'accuracy', comparison: '>=', limit: 0.7 }],
  [
    'P99 (ACC) >= 85 % @ 99 %',
    { statistic: 'p99', measure: 'accuracy', comparison: '>=', limit: 0.85, confidence: 0.99 },
  ],
  ['p95(mse)<=2.5', { statistic: 'p95', measure: 'mse', comparison: '<=', limit: 2.5, confidence: 0.95 }],
  ['mean(acc)>0.8@0.9', { statistic: 'mean', comparison: '>', limit: 0.8, confidence: 0.9 }],
  [
    'yield(acc>=0.8)>=0.95',
    {
      statistic: 'yield',
      measure: 'accuracy',
      passes: { comparison: '>=', limit: 0.8 },
      comparison: '>=',
      limit: 0.95,
      confidence: 0.95,
    },
  ],
  [
    ' yield( mse < 2 ) > 90 % @0.99 ',
    { measure: 'mse', passes: { comparison: '<', limit: 2 }, comparison: '>', limit: 0.9, confidence: 0.99 },
  ],
])('%s', (text, expected) => {
  expect(parseRequirement(text)).toMatchObject({ text, ...expected });
});

test('without a confidence, mean and extremes have none', () => {
  for (const text of ['mean(acc)>=0.8', 'min(acc)>=0.8', 'clean>=0.8'])
    expect(parseRequirement(text).confidence).toBeUndefined();
});

test.each([
  ['accuracy > good', /"good" is no number/],
  ['p05(acc)', /expected STATISTIC/],
  ['p05(acc)>=80', /no accuracy reaches 80[^]*write 0.8 or 80%/],
  ['median(f1)>=0.5', /unknown statistic "median"[^]*unknown measure "f1"/],
  ['p101(acc)>=0.5', /unknown statistic/],
  ['yield(acc>=80)>=95', /no accuracy reaches 80[^]*no share reaches 95[^]*write 0.95 or 95%/],
  ['yield(f1>=0.8)>=x', /unknown measure "f1"[^]*"x" is no number/],
  ['yield(acc)>=0.8', /unknown statistic "yield"|expected STATISTIC/],
  ['min(acc)>=0.8@0.95', /min is told of the sampled chips, without a confidence/],
  ['p05(acc)>=0.8@1', /a confidence lies between 0.5 and 1/],
  ['p05(acc)>=0.8@0', /a confidence lies between/],
])('refuses %s', (text, message) => {
  expect(() => parseRequirement(text)).toThrow(message);
  expect(() => parseRequirement(text)).toThrow(TemperError);
});

describe('draws', () => {
  test.each([
    ['p05(acc)>=0.8', 59],
    ['p05(acc)>=0.8@0.99', 90],
    ['p10(acc)>=0.8', 29],
    ['p50(acc)>=0.8', 5],
    ['p95(mse)<=0.1', 59],
    ['p05(acc)<=0.3', 1],
    ['yield(acc>=0.8)>=0.95', 59],
    ['yield(acc>=0.8)>=0.99', 299],
    ['yield(mse>0.1)<=0.05', 59],
    ['std(acc)<=0.1', 2],
    ['mean(acc)>=0.8@0.95', 2],
    ['mean(acc)>=0.8', 1],
    ['min(acc)>=0.8', 1],
  ])('%s needs %i', (text, needed) => {
    const requirement = parseRequirement(text);
    expect(() => refuseUndecidable(requirement, needed)).not.toThrow();
    if (needed === 1) return;
    const refusal = expect(() => refuseUndecidable(requirement, needed - 1));
    refusal.toThrow(new RegExp(`at least ${needed}[^]*--draws ${needed}`));
  });

  test.each(['p00(acc)>=0.1', 'p100(mse)<=1', 'yield(acc>=0.8)>=1', 'yield(mse>1)<=0'])(
    'no number of them can show %s',
    (text) => {
      expect(() => refuseUndecidable(parseRequirement(text), 1e6)).toThrow(/no number of draws/);
    },
  );
});
