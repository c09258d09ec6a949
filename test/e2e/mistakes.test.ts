import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../src/export/exportModel.js';
import { readModel } from '../../src/onnx/file.js';
import { tensorValues, withValues } from '../../src/onnx/tensor.js';
import { setMetadata } from '../../src/onnx/walk.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { npy, npz, pattern } from '../data/layouts.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
beforeAll(async () => {
  files = await fixture();
  const { model } = exportModel(await readModel(files.model), { bits: 8, foldBatchNorm: true });
  const initializers = model.graph.initializers.map((tensor) =>
    tensor.name.endsWith('_scale')
      ? withValues(
          tensor,
          (tensorValues(tensor) as Float32Array).map((s) => -s),
        )
      : tensor,
  );
  await writeModel(files.path('codes.onnx'), { ...model, graph: { ...model.graph, initializers } });
});

const short = ['--epochs', '1', '--batch-size', '32', '--draws', '1', '--levels', '1', '--limit', '40'];
const read = (name: string) => readFileSync(files.path(name));

describe('temper harden refuses before any work', () => {
  it.each(['train', 'test'])('data of one split, which it would train and test on: %s', async (split) => {
    const out = files.path('leak');
    const { code, err } = await temper(
      ...['harden', files.model, '--data', `${files.data}:${split}`, ...short, '--out', out],
    );
    expect(code).toBe(2);
    expect(err).toContain(`leave :${split} away`);
    expect(existsSync(out)).toBe(false);
  });

  it('a loss that does not fit the data', async () => {
    const x = npy('|u1', [40, 2, 6, 6], new Uint8Array(40 * 72));
    writeFileSync(files.path('targets.npz'), npz({ x, y: npy('<f4', [40, 4], new Float32Array(160)) }));
    const out = files.path('targets');
    const data = `npz:${files.path('targets.npz')}`;
    const { code, err } = await temper('harden', files.model, '--data', data, ...short, '--out', out);
    expect(code).toBe(2);
    expect(err).toContain('use the loss mean-squared-error');
    expect(existsSync(out)).toBe(false);
  });

  it('a model whose weights are codes that are not trained (their scales are negative), as inspect says', async () => {
    const [model, out] = [files.path('codes.onnx'), files.path('codes')];
    const { code, err } = await temper('harden', model, '--data', files.data, ...short, '--out', out);
    expect(code).toBe(3);
    expect(err).toContain('fine-tune the float model');
    expect(existsSync(out)).toBe(false);
    const { out: text } = await temper('inspect', model);
    expect(text).toContain('Fine-tuning: not supported.');
    expect(text).toContain('fine-tune the float model');
  });

  it('a model that lies where its own files will be', async () => {
    const first = files.path('nested');
    await temper('harden', files.model, '--data', files.data, ...short, '--out', first);
    const model = files.path('nested/hardened.onnx');
    const before = read('nested/hardened.onnx');
    const { code, err } = await temper(
      ...['harden', model, '--data', files.data, ...short, '--out', first, '--fresh'],
    );
    expect(code).toBe(2);
    expect(err).toContain('would be overwritten');
    expect(read('nested/hardened.onnx').equals(before)).toBe(true);
  });
});

describe('outputs', () => {
  it.each([
    ['verify', '--draws', '1', '--limit', '20', '--write-chip', '0', 'OUT'],
    ['verify', '--draws', '1', '--limit', '20', '--json', 'OUT'],
    ['verify', '--draws', '1', '--limit', '20', '--html', 'OUT'],
    ['finetune', '--epochs', '1', '--out', 'OUT'],
    ['convert', '--out', 'OUT'],
    ['export', '--bits', '8', '--out', 'OUT'],
  ])('of %s never replace what it reads: %s %s %s', async (command, ...options) => {
    const data = command === 'export' ? [] : ['--data', files.data];
    const model = files.path('precious.onnx');
    writeFileSync(model, readFileSync(files.model));
    const { code, err } = await temper(
      ...[command, model, ...data, ...options.map((word) => (word === 'OUT' ? model : word))],
    );
    expect(code).toBe(2);
    expect(err).toContain('would be overwritten');
    expect(read('precious.onnx').equals(readFileSync(files.model))).toBe(true);
  });

  it('never replace one another', async () => {
    const same = files.path('same');
    const { code, err } = await temper(
      ...['verify', files.model, '--data', files.data, '--draws', '1', '--json', same, '--html', same],
    );
    expect(code).toBe(2);
    expect(err).toContain('named twice');
  });

  it('that cannot be written are told before the work', async () => {
    const file = files.path('file');
    writeFileSync(file, '');
    const { code, err } = await temper(
      ...['verify', files.model, '--data', files.data, '--json', files.folder, '--html', `${file}/a.html`],
    );
    expect(code).toBe(4);
    expect(err).toContain(files.folder);
    expect(err).toContain(`${file}/a.html`);
    expect(err).not.toContain('verifying');
  });

  it('get their folders made, that of a chip too', async () => {
    const chip = files.path('new/folder/chip.onnx');
    const { code } = await temper(
      ...['verify', files.model, '--data', files.data, '--draws', '1', '--limit', '20'],
      ...['--write-chip', '0', chip],
    );
    expect(code).toBe(0);
    expect(existsSync(chip)).toBe(true);
  });

  it('of two exports in one folder do not mix: crossbar.json describes one model', async () => {
    const [a, b] = [files.path('two/a.onnx'), files.path('two/b.onnx')];
    expect((await temper('export', files.model, '--bits', '8', '--out', a)).code).toBe(0);
    expect((await temper('export', files.model, '--bits', '4', '--out', a)).code).toBe(0);
    const kept = read('two/crossbar.json');
    const { code, err } = await temper('export', files.model, '--bits', '8', '--out', b);
    expect(code).toBe(2);
    expect(err).toContain('describes a.onnx');
    expect(read('two/crossbar.json').equals(kept)).toBe(true);
    expect(existsSync(b)).toBe(false);
  });
});

describe('requirements', () => {
  const targets = () => {
    const values = Float32Array.from({ length: 160 }, (_, i) => i % 7);
    const x = npy('|u1', [40, 2, 6, 6], pattern(40 * 72));
    writeFileSync(files.path('floats.npz'), npz({ x, y: npy('<f4', [40, 4], values) }));
    return ['verify', files.model, '--data', `npz:${files.path('floats.npz')}`, '--draws', '2'];
  };

  it('on what the data do not have are refused before the work', async () => {
    const { code, err } = await temper(...targets(), '--require', 'mean(acc)>=0.5');
    expect(code).toBe(2);
    expect(err).toContain('accuracy needs data with classes');
    expect(err).not.toContain('verifying');
  });

  it('on an error are told as an error, not in per cent', async () => {
    const { code, out, err } = await temper(...targets(), '--require', 'mean(mse)<=0.001');
    expect(code).toBe(1);
    expect(err).toMatch(/not met: [\d.]+ over the 2 sampled chips\n/);
    expect(out).toMatch(/NOT met: mean\(mse\)<=0\.001 on gaussian:0\.1 \([\d.]+ over the 2 sampled chips\)/);
  });

  it('on all chips are refused before the work where the draws cannot carry them, with how many could', async () => {
    const asked = ['p05(acc)>=0.8', 'yield(acc>=0.8)>=0.99', 'yield(acc>=0.8)>=1'];
    const args = ['verify', files.model, '--data', files.data, '--draws', '20'];
    const { code, out, err } = await temper(...args, ...asked.flatMap((text) => ['--require', text]));
    expect(code).toBe(2);
    expect(err).toMatch(/20 draws cannot decide this with 95 % confidence: it needs at least 59\n/);
    expect(err).toMatch(/it needs at least 299\n/);
    expect(err).toContain('no number of draws can show this of all chips');
    expect(out).toBe('');
    expect(err).not.toContain('verifying');
  });

  it('on a spread that one chip cannot show get a note', async () => {
    const args = ['verify', files.model, '--data', files.data, '--limit', '20'];
    expect((await temper(...args, '--draws', '1')).err).toContain('One chip');
    expect((await temper(...args, '--draws', '2')).err).not.toContain('One chip');
  });
});

describe('what a reader of the results should know', () => {
  it('is told when another normalization is used than the model names', async () => {
    const model = files.path('named.onnx');
    const named = { scale: '0..1', mean: [0.5], std: [0.25] };
    await writeModel(model, setMetadata(await readModel(files.model), 'temper.input', JSON.stringify(named)));
    const args = ['verify', model, '--data', files.data, '--draws', '1', '--limit', '20'];
    expect((await temper(...args)).err).toContain('--mean 0.5 --std 0.25');
    expect((await temper(...args, '--mean', '0.5', '--std', '0.25')).err).not.toContain('trained with');
  });

  it('is told by harden as well: what verification noticed', async () => {
    const count = 80;
    const x = npy('<f4', [count, 2, 6, 6], new Float32Array(count * 72).fill(200));
    const y = npy(
      '<i8',
      [count],
      BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 4)),
    );
    writeFileSync(files.path('bright.npz'), npz({ x, y }));
    const { code, err } = await temper(
      ...['harden', files.model, '--data', `npz:${files.path('bright.npz')}`, ...short],
      ...['--clip', '1.5', '--learning-rate', '0.0001', '--out', files.path('bright')],
    );
    expect(code).toBe(0);
    expect(err.match(/note: Float examples reach 200 and are fed unscaled/g)).toHaveLength(1);
    const { notes } = JSON.parse(read('bright/report.json').toString());
    expect(notes.join()).toMatch(/fed unscaled[^]*All choices were made on/); // of verification and of training
  });
});
