import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { renderCurve } from '../../src/report/curve.js';
import { renderReport } from '../../src/report/renderReport.js';
import type { Report } from '../../src/report/report.js';
import { verdict } from '../../src/report/verdict.js';
import { example, run } from './example.js';

const page = (report: Report) => parseHTML(renderReport(report)).document;
const text = (report: Report) => page(report).body.textContent!.replace(/\s+/g, ' ');

describe('report.html', () => {
  it('says what was found, on what, and how to find it again', () => {
    const report = example();
    const said = text(report);
    for (const part of [
      verdict(report),
      report.command!,
      report.data.spec,
      report.model instanceof Object ? report.model.sha256! : '',
      report.data.files![0]!.sha256,
      "w' = w + sigma max|w| n",
      'Joshi et al.',
      'drift, read noise, stuck cells',
      'onnxruntime',
      'No choice was made on test data.',
    ])
      expect(said).toContain(part);
  });

  it('has a table line for every model and level, and one for every tensor', () => {
    const document = page(example());
    const [levels, ...layers] = [...document.querySelectorAll('table')];
    expect(levels!.querySelectorAll('tbody tr')).toHaveLength(2 + 6);
    expect(levels!.textContent).toContain('88.2 %');
    expect(layers.map((table) => table.querySelectorAll('tbody tr').length)).toEqual([3, 3]);
    expect(layers[0]!.textContent).toContain('0.0842 (10.0 %)');
  });

  it('draws a dot for every chip, and names the picture for those who do not see it', () => {
    const document = page(example());
    const svg = document.querySelector('figure svg')!;
    const [title, description] = svg.getAttribute('aria-labelledby')!.split(' ');
    expect(document.getElementById(title!)!.textContent).toBe('Accuracy against noise (gaussian)');
    expect(document.getElementById(description!)!.textContent).toMatch(
      /original: 91\.7 % without noise, mean .* at gaussian:0\.05/,
    );
    expect(svg.querySelectorAll('circle title')).toHaveLength(6 * 50);
  });

  it('needs nothing from the network and runs nothing', () => {
    const source = renderReport(example());
    const addresses = source.match(/https?:[^"'\s<]+/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg']));
    expect(source).not.toMatch(/<script|<link|<img|@import|url\(|NaN|undefined/);
  });

  it('shows names as text, whatever they contain', () => {
    const evil = '<script>alert("1")</script>';
    const report = { ...example(), title: evil, notes: [evil], command: evil };
    report.runs = report.runs.map((each) => ({
      ...each,
      citation: evil,
      layers: [{ ...each.layers![0]!, tensor: evil }],
    }));
    report.models!.after!.label = evil;
    const source = renderReport(report);
    expect(source).not.toContain('<script');
    expect(parseHTML(source).document.querySelector('h1')!.textContent).toBe(evil);
  });

  it('is the same text every time', () => {
    expect(renderReport(example())).toBe(renderReport(example()));
  });
});

describe('reports of other shapes', () => {
  const [first] = example().runs;
  const { models, command, settings, versions, files, trainedFor, ...plain } = example();

  it('one model, one level, one chip, no hashes', () => {
    const { p05, p50, p95, ...accuracy } = first!.accuracy!;
    const alone = {
      ...plain,
      model: 'm.onnx',
      data: { spec: 'digits:test', count: 5 },
      runs: [{ device: 'gaussian:0.1', accuracy, draws: [{ chip: 0, accuracy: 0.5 }] }],
    };
    const said = text(alone);
    expect(said).toContain('m.onnx under device noise');
    expect(said).toContain('band: lowest to highest chip');
    expect(said).toContain(
      'temper verify m.onnx --data digits:test --device gaussian:0.1 --draws 50 --seed 1 --limit 5',
    );
  });

  it('a verification against another model', () => {
    const runs = [run('x', 0.1, 0.9, 0.8, 0.01)].map(({ model, ...rest }) => rest);
    const against = {
      model: { path: 'other.onnx', sha256: 'd'.repeat(64) },
      runs: runs.map(({ layers, ...rest }) => rest),
    };
    const said = text({ ...plain, runs, against });
    expect(said).toContain('compared with');
    expect(said).toContain('other.onnx');
    expect(said).toContain('hardened.onnx against other.onnx');
    expect(said).not.toMatch(/hardening/i);
  });

  it('devices without a level, several kinds, a third model, verdicts', () => {
    const named = (device: string, model: string) => ({ ...first!, device, model });
    const runs = [
      ...example().runs,
      named('pcm', 'before'),
      named('pcm', 'snn'),
      named('rram-measured', 'snn'),
    ];
    const verdicts = [{ requirement: 'p05(acc)>=0.8', device: 'pcm', value: 0.75, met: false }];
    const document = page({ ...example(), runs, verdicts });
    expect(document.querySelectorAll('figure svg')).toHaveLength(2);
    expect(document.body.textContent).toContain('rram-measured');
    expect(document.querySelector('.bad')!.textContent).toBe('not met');
  });

  it('draws at most 200 chips per level and says so', () => {
    const many = { ...first!, draws: Array.from({ length: 1000 }, (_, chip) => ({ chip, accuracy: 0.5 })) };
    const document = page({ ...example(), runs: [many] });
    expect(document.querySelectorAll('circle title')).toHaveLength(200);
    expect(document.querySelector('figcaption')!.textContent).toContain('the first 200 of 1000 chips');
  });

  it('a regression', () => {
    const mse = { ...first!.accuracy!, clean: 0.01, mean: 0.02, std: 0.001, min: 0.018, max: 0.03 };
    const { accuracy, ...rest } = first!;
    const said = text({ ...plain, runs: [{ ...rest, mse, draws: [{ chip: 0, mse: 0.02 }] }] });
    expect(said).toContain('Mean squared error');
  });
});

describe('renderCurve', () => {
  it('is a picture that stands alone, on a light ground', () => {
    const svg = renderCurve(example());
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('background: #ffffff');
    expect(svg).not.toContain('var(--text)');
    expect(svg).toContain(verdict(example()));
  });
});
