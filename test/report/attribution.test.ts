/** What is said of a gain: in parts that add up, with their signs, and never without the noise that all models share. */
import { describe, expect, it } from 'vitest';
import { gainTable } from '../../src/report/gains.js';
import { largestWords } from '../../src/report/largest.js';
import { renderReport } from '../../src/report/renderReport.js';
import { parseReport, type Report } from '../../src/report/report.js';
import { renderTable } from '../../src/report/table.js';
import { verdict } from '../../src/report/verdict.js';
import { example, run } from './example.js';

type Run = Report['runs'][number];

/** A run whose mean is exactly this; `largest`: its largest weight. */
function exact(
  model: string,
  device: string,
  mean: number,
  more: Partial<Run> & { largest?: number } = {},
): Run {
  const { largest = 1, ...fields } = more;
  const layer = { tensor: 'conv.weight', opType: 'Conv', dims: [4, 3, 3, 3], std: 0.1, effectiveSigma: 0.1 };
  return {
    model,
    device,
    accuracy: { clean: 0.992, mean, std: 0.02, min: mean - 0.03, max: mean + 0.01, ci95: [mean, mean] },
    draws: [0, 1].map((chip) => ({ chip, accuracy: mean })),
    layers: [{ ...layer, absoluteMaximum: largest }],
    ...fields,
  };
}

interface Means {
  before: number;
  clipped?: number;
  plain?: number;
  after: number;
}

const labels = { before: 'original', clipped: 'clipped only', plain: 'plain + clip', after: 'hardened' };

function reportOf(levels: Record<string, Means>, equal: Record<string, Means> = {}, changes = {}): Report {
  const own = Object.entries(levels).flatMap(([device, means]) =>
    Object.entries(means).map(([model, mean]) =>
      exact(model, device, mean, { largest: { before: 2, clipped: 0.5, plain: 0.6, after: 0.52 }[model]! }),
    ),
  );
  const carried = Object.entries(equal).flatMap(([device, means]) =>
    Object.entries(means)
      .filter(([model]) => model !== 'before')
      .map(([model, mean]) => exact(model, device, mean, { noiseFrom: 'before' })),
  );
  const content = {
    schema: 1,
    model: 'm.onnx',
    models: Object.fromEntries(Object.entries(labels).map(([name, label]) => [name, { label }])),
    data: { spec: 'digits:test', count: 2000 },
    trainedFor: Object.keys(levels)[0],
    runs: [...own, ...carried],
    ...changes,
  };
  return parseReport(JSON.stringify(content), 'report.json');
}

const lenet = { before: 0.862, clipped: 0.979, plain: 0.98, after: 0.984 };

describe('the verdict', () => {
  it('takes a gain apart', () => {
    const said = verdict(
      reportOf({ 'gaussian:0.2': lenet }, { 'gaussian:0.2': { ...lenet, clipped: 0.85, after: 0.9 } }),
    );
    expect(said).toContain('from 86.2 % to 98.4 %');
    expect(said).toContain(
      'Of the gain of 12.2 points, 11.7 come from clipping alone, without training, and 0.5 from training.',
    );
    expect(said).toContain('Plain training with clipping reaches 98.0 %.');
    expect(said).toContain(
      'the same deviations for all: original 86.2 %, clipped only 85.0 %, hardened 90.0 %.',
    );
  });

  it.each([
    [
      { before: 0.862, clipped: 0.979, after: 0.951 },
      'Of the gain of 8.9 points, clipping alone, without training, makes +11.7, and training −2.8.',
    ],
    [
      { before: 0.862, clipped: 0.812, after: 0.951 },
      'Of the gain of 8.9 points, clipping alone, without training, makes −5.0, and training +13.9.',
    ],
    [
      { before: 0.862, clipped: 0.812, after: 0.8 },
      'Of the loss of 6.2 points, clipping alone, without training, makes −5.0, and training −1.2.',
    ],
    [
      { before: 0.862, clipped: 0.9, after: 0.862 },
      'Of the change of 0.0 points, clipping alone, without training, makes +3.8, and training −3.8.',
    ],
  ])('tells losses with their sign: %o', (means, sentence) => {
    expect(verdict(reportOf({ 'gaussian:0.2': means }))).toContain(sentence);
  });

  it('gives a gain to the part that makes it, though means as they are shown say the other', () => {
    // As shown 99.2, 99.2 and 99.3 %: the demo at the noise it is trained for, where clipping makes 0.08 of 0.09 points.
    const said = verdict(
      reportOf({ 'gaussian:0.05': { before: 0.991625, clipped: 0.992425, after: 0.992525 } }),
    );
    expect(said).toContain(
      'Of the gain of 0.1 points, 0.1 come from clipping alone, without training, and 0.0',
    );
  });

  it('adds up as shown, whatever is rounded', () => {
    // 0.04 + 0.04 points would be shown as 0.0 + 0.0 of 0.1.
    const said = verdict(reportOf({ 'gaussian:0.2': { before: 0.5, clipped: 0.5004, after: 0.5008 } }));
    const [, whole, clip, training] = /gain of ([\d.]+) points, ([\d.]+) come .* and ([\d.]+) from/.exec(
      said,
    )!;
    expect(Number(clip) + Number(training)).toBeCloseTo(Number(whole), 12);
  });

  it('names what else the rivals share with the hardened model', () => {
    const settings = { snn: true, bits: '4' };
    expect(verdict(reportOf({ 'gaussian:0.2': lenet }, {}, { settings }))).toContain(
      '11.7 come from clipping and conversion into spikes and INT4 codes alone',
    );
  });

  it('speaks of the strongest noise where that trained for does nothing yet', () => {
    const idle = { before: 0.992, clipped: 0.992, plain: 0.991, after: 0.992 };
    const said = verdict(reportOf({ 'gaussian:0.05': idle, 'gaussian:0.2': lenet }));
    expect(said).toMatch(/^Hardening left .* at gaussian:0\.05 at 99\.2 %/);
    expect(said).toContain('At gaussian:0.2 it is 98.4 %, from 86.2 %. Of the gain of 12.2 points');
  });

  it('says nothing of rivals that were not judged', () => {
    expect(verdict(reportOf({ 'gaussian:0.2': { before: 0.862, after: 0.984 } }))).not.toMatch(/clip|Plain/);
    expect(verdict(example())).not.toMatch(/clip|Plain/);
  });
});

describe('the table', () => {
  const device = 'gaussian:0.05';
  const text = renderTable(
    reportOf({ [device]: lenet }, { [device]: { ...lenet, clipped: 0.85, after: 0.9 } }),
  );
  const line = (start: string, from = 0) =>
    text
      .split('\n')
      .slice(from)
      .find((each) => each.startsWith(start))!;

  it('has a line for each model, with its gain and the same chips at equal noise beside', () => {
    const at = text.split('\n').indexOf(device);
    expect(line('  original', at)).toMatch(/86\.2 % ± 2\.0 +83\.2 % +86\.2 % ± 2\.0$/);
    expect(line('  clipped only', at)).toMatch(/97\.9 % ± 2\.0 +94\.9 % +\+11\.7 +85\.0 % ± 2\.0 +−1\.2$/);
    expect(line('  hardened', at)).toMatch(/98\.4 % ± 2\.0 +95\.4 % +\+12\.2 +90\.0 % ± 2\.0 +\+3\.8$/);
    expect(text).toContain('  clipped only 0.25\n  plain + clip 0.30\n  hardened 0.26');
  });

  it('fits 80 columns, however long the name of the device', () => {
    const long = 'gaussian:0.123456789012:relative';
    for (const level of [device, long]) {
      const own = renderTable(reportOf({ [level]: lenet }, { [level]: lenet }));
      expect(Math.max(...own.split('\n').map((each) => [...each].length))).toBeLessThanOrEqual(80);
    }
  });

  it('says on whose weights the noise of a verification was drawn', () => {
    const runs = [{ ...run('after', 0.1, 0.9, 0.8, 0.01), noiseFrom: 'models/original.onnx' }];
    const report = { ...example(), models: undefined, trainedFor: undefined, runs };
    expect(renderTable(report)).toContain('noise drawn on the weights of original.onnx');
    expect(verdict(report)).toContain('at gaussian:0.1 drawn on the weights of original.onnx');
  });
});

describe('the page', () => {
  const equal = { 'gaussian:0.2': { ...lenet, clipped: 0.85, after: 0.9 } };
  const gains = [
    {
      from: 'before',
      to: 'after',
      device: 'gaussian:0.2',
      measure: 'accuracy',
      mean: 0.122,
      ci95: [0.09, 0.15],
    },
    {
      from: 'before',
      to: 'clipped',
      device: 'gaussian:0.2',
      measure: 'accuracy',
      mean: 0.117,
      ci95: [0.08, 0.15],
    },
    {
      from: 'before',
      to: 'after',
      device: 'gaussian:0.2',
      noiseFrom: 'before',
      measure: 'accuracy',
      mean: -0.012,
    },
  ];
  const report = reportOf({ 'gaussian:0.2': lenet }, equal, { gains });

  it('draws all models twice: at their own noise, and at equal noise with the original', () => {
    const source = renderReport(report);
    expect(source.match(/<figure/g)).toHaveLength(2);
    for (const label of Object.values(labels)) expect(source.split(label).length).toBeGreaterThan(4);
    expect(source).toContain('equal noise in absolute units');
    expect(source).not.toMatch(/NaN|undefined/);
  });

  it('lists the differences with their intervals, and the largest weights', () => {
    const table = gainTable(report)!
      .text.replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(table).toContain('gaussian:0.2 own noise +12.2 (+9.0 … +15.0) +11.7 (+8.0 … +15.0)');
    expect(table).toContain('the original&#39;s −1.2 –');
    expect(largestWords(report)).toEqual(['clipped only 0.25', 'plain + clip 0.30', 'hardened 0.26']);
    expect(renderReport(report)).toContain('Largest weight of each tensor');
    expect(gainTable(example())).toBeUndefined();
  });
});
