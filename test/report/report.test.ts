import { describe, expect, it } from 'vitest';
import { checkReport, parseReport, type Report } from '../../src/report/report.js';
import { comparedText } from '../../src/report/requirements.js';
import { renderTable } from '../../src/report/table.js';
import { verdict } from '../../src/report/verdict.js';
import { example, run } from './example.js';

/** One run at exactly these numbers. */
function exact(device: string, values: number[], clean: number, changes = {}): Report['runs'][number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return {
    device,
    accuracy: { clean, mean, std: 0.02, min, max, ci95: [mean, mean] },
    draws: values.map((accuracy, chip) => ({ chip, accuracy })),
    ...changes,
  };
}

function report(runs: Report['runs'], changes: Partial<Report> = {}): Report {
  return { schema: 1, model: 'm.onnx', data: { spec: 'digits:test', count: 100 }, runs, ...changes };
}

describe('parseReport', () => {
  it('reads back what was written, unknown fields included', () => {
    const written = { ...example(), clean: { accuracy: 0.9 } };
    expect(parseReport(JSON.stringify(written), 'report.json')).toEqual(JSON.parse(JSON.stringify(written)));
  });

  it('tells everything that is wrong', () => {
    const broken = {
      ...example(),
      schema: 2,
      runs: [
        { ...run('after', 0.1, 0.9, 0.8, 0.1), device: 7 },
        { device: 'd', draws: [] },
      ],
    };
    expect(() => parseReport(JSON.stringify(broken), 'report.json')).toThrow(
      /report: schema: [\s\S]*report: runs\.0\.device: [\s\S]*report: runs\.1: neither accuracy nor mse\n {2}at report\.json/,
    );
    expect(() => parseReport('{', 'report.json')).toThrow(/not a report: the file is no JSON/);
    expect(() => parseReport(JSON.stringify({ ...example(), runs: [] }), 'r')).toThrow(/report: runs:/);
  });
});

it('takes what verify gives back, as it is', () => {
  const [{ model: _, citation, notModelled, time, layers, ...first }] = example().runs as [
    Report['runs'][number],
  ];
  const facts = {
    sha256: 'a'.repeat(64),
    input: { name: 'x', dims: [null, 3, 32, 32] },
    output: { name: 'y', valuesPerExample: 10 },
  };
  const verified = {
    schema: 1,
    model: { ...facts, path: 'm.onnx' },
    data: { spec: 'digits:test', split: 'test', count: 10, mean: [0], std: [1], files: [] },
    seed: 1,
    chips: 50,
    numerics: 'exact',
    batch: { size: 10, fixed: false, reopened: false },
    clean: { accuracy: 0.9, ties: 0, notNumbers: 0 },
    runs: [{ ...first, time: null, citation: 'c', notModelled: [], layers: [] }],
    notes: [],
  };
  expect(renderTable(checkReport(verified, 'verify'))).toContain('gaussian:0.05');
});

describe('verdict', () => {
  it('speaks of the device the model was hardened for', () => {
    expect(verdict(example())).toMatch(
      /^Hardening took the mean accuracy over 50 sampled chips at gaussian:0\.1 from 31\.8 % to 88\.2 %; without noise it went from 91\.7 % to 91\.2 %; with 95 % confidence, at least 94 % of all chips reach at least 87\.0 % \(the worst of 50\)\.$/,
    );
  });

  it('says so when hardening did not help, or changed nothing', () => {
    const pair = (after: number) =>
      report([exact('gaussian:0.1', [0.6], 0.9, { model: 'before' }), exact('gaussian:0.1', [after], 0.9)]);
    expect(verdict(pair(0.5))).toMatch(/^Hardening did not help: it took .* from 60\.0 % to 50\.0 %/);
    expect(verdict(pair(0.6))).toMatch(
      /^Hardening left the mean accuracy over 1 sampled chip at gaussian:0\.1 at 60\.0 %/,
    );
  });

  it('describes one model by its strongest noise, and claims no hardening for a comparison', () => {
    const runs = [exact('gaussian:0.2', [0.5], 0.9), exact('gaussian:0.1', [0.8], 0.9)];
    expect(verdict(report(runs))).toBe(
      'Mean accuracy over 1 sampled chip at gaussian:0.2: 50.0 %, against 90.0 % without noise.',
    );
    const against = { model: 'other.onnx', runs: [exact('gaussian:0.2', [0.4], 0.95)] };
    expect(verdict(report(runs, { against }))).toBe(
      'Mean accuracy over 1 sampled chip at gaussian:0.2: 50.0 % against 40.0 % of the other model; without noise 90.0 % against 95.0 %.',
    );
  });
});

describe('what the draws say of all chips', () => {
  const values = [0.9756, 0.98, 0.99];
  const bound = { share: 0.05 ** (1 / 3), confidence: 0.95, value: 0.9756, rank: 1 };

  /** One run with a tolerance bound, as `verify` writes it. */
  const bounded = (tolerance: object, changes = {}) => {
    const run = exact('gaussian:0.1', values, 0.99, changes);
    const accuracy = { ...run.accuracy!, standardError: 0.004, ci95: [0.40004, 0.99004], tolerance };
    return report([{ ...run, accuracy } as Report['runs'][number]]);
  };

  it('is said with its confidence, never more than is known', () => {
    expect(verdict(bounded(bound))).toContain(
      'with 95 % confidence, at least 36 % of all chips reach at least 97.5 % (the worst of 3)',
    );
    const table = renderTable(bounded(bound));
    expect(table).toContain('40.0 – 99.1 %');
    expect(table).toContain('lowest chip: with 95 % confidence, at least 36 % of all chips reach it');
  });

  it('has a column of its own where it is not the worst chip', () => {
    const table = renderTable(bounded({ share: 0.95, confidence: 0.95, value: 0.98, rank: 2 }));
    expect(table).toMatch(/lowest chip +95 % reach\n[^]* 97\.6 % +98\.0 %\n/);
    expect(table).toContain('95 % reach: with 95 % confidence, at least 95 % of all chips reach it');
  });

  it('is not said of one chip, nor of a report that has none', () => {
    const one = report([exact('gaussian:0.1', [0.9], 0.99)]);
    expect(verdict(one)).not.toContain('confidence');
    expect(renderTable(one)).toContain('accuracy of 1 chip\n');
    expect(renderTable(one)).not.toContain('±');
  });

  it('names the chips whose outputs are no numbers', () => {
    const draws = values.map((accuracy, chip) => ({ chip, accuracy, ...(chip === 1 && { notNumbers: 3 }) }));
    const named = bounded(bound, { draws });
    expect(verdict(named)).toContain('chip 1 put out values that are no numbers');
    expect(renderTable(named)).toContain('1 of 3 chips of this model at gaussian:0.1 put out values');
  });

  it('tells the difference of two models with its interval', () => {
    const difference = { mean: 0.1, standardError: 0.0059, ci95: [-0.051, 0.249] as [number, number] };
    const against = { model: 'o.onnx', runs: [exact('gaussian:0.1', [0.4], 0.95, { difference })] };
    const compared = report([exact('gaussian:0.1', [0.5], 0.9)], { against });
    expect(verdict(compared)).toContain('(+10.0 points, standard error 0.59, 95 % interval −5.1 … +24.9)');
    expect(renderTable(compared)).toContain('+10.0 points   −5.1 … +24.9');
  });
});

describe('comparedText', () => {
  const base = { requirement: 'r', device: 'd', met: true, comparison: '>=', draws: 59, measure: 'accuracy' };
  it.each([
    [{ value: 0.84 }, '84.0 %'],
    [{ statistic: 'mean', value: 0.84 }, '84.0 % over the 59 sampled chips'],
    [{ statistic: 'clean', value: 0.84 }, '84.0 % without noise'],
    [
      { statistic: 'yield', value: 0.9505, confidence: 0.95, passed: 59 },
      'at least 95.0 % of all chips with 95 % confidence; 59 of the 59 sampled chips',
    ],
    [
      { statistic: 'p95', value: 0.12345, confidence: 0.999, rank: 2, comparison: '<=', measure: 'mse' },
      'at most 0.124 with 99.9 % confidence, the 2nd highest of the 59 sampled chips',
    ],
    [
      { statistic: 'mean', notNumbers: [3, 7], measure: 'mse' },
      'it is no number; chips 3, 7 put out values that are no numbers: failed',
    ],
  ])('%j', (verdict, text) => {
    const { draws, ...old } = base;
    // Reports of older versions tell no more than the value.
    expect(comparedText({ ...('statistic' in verdict ? base : old), ...verdict })).toBe(text);
  });
});

describe('renderTable', () => {
  it('sets the models side by side, levels in order', () => {
    const runs = [
      exact('gaussian:0.1', [0.3, 0.5], 0.92, { model: 'before' }),
      exact('gaussian:0.05', [0.7, 0.9], 0.92, { model: 'before' }),
      exact('gaussian:0.05', [0.9, 0.9], 0.91),
      exact('gaussian:0.1', [0.88, 0.9], 0.91),
    ];
    expect(`\n${renderTable(report(runs))}`).toBe(`
accuracy, mean ± standard deviation over 2 chips
noise              original  lowest chip      hardened  lowest chip          gain
-------------  ------------  -----------  ------------  -----------  ------------
none                 92.0 %                     91.0 %                −1.0 points
gaussian:0.05  80.0 % ± 2.0       70.0 %  90.0 % ± 2.0       90.0 %  +10.0 points
gaussian:0.1   40.0 % ± 2.0       30.0 %  89.0 % ± 2.0       88.0 %  +49.0 points`);
  });

  it('shows one model, and errors of a regression', () => {
    const mse = {
      clean: 0.012,
      mean: 0.0345,
      std: 0.001,
      min: 0.03,
      max: 0.04,
      ci95: [0.03, 0.04] as [number, number],
    };
    const runs = [{ device: 'gaussian:0.1', mse, draws: [{ chip: 0, mse: 0.0345 }] }];
    expect(`\n${renderTable(report(runs))}`).toBe(`
mean squared error of 1 chip
noise         this model  95 % interval  highest chip
------------  ----------  -------------  ------------
none               0.012
gaussian:0.1      0.0345    0.03 – 0.04          0.04`);
  });

  it('keeps kinds of noise apart', () => {
    const runs = [
      exact('gaussian:0.1', [0.3], 0.9),
      exact('gaussian:0.1:relative', [0.8], 0.9),
      exact('pcm', [0.7], 0.9, { time: 60 }),
    ];
    expect(renderTable(report(runs)).split('\n\n')).toHaveLength(3);
  });
});
