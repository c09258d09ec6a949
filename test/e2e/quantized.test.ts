/** A quantized file hardened from the command line: `export --bits`, then `harden` on what it wrote. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
beforeAll(async () => {
  files = await fixture();
});

const isCode = (type: number) => type === DataType.INT8 || type === DataType.INT4;
const valuesOf = (model: Model, name: string) =>
  Array.from(tensorValues(model.graph.initializers.find((tensor) => tensor.name === name)!), Number);

describe.each(['8', '4'])('harden of %s-bit codes', (bits) => {
  const folder = `run${bits}`;
  let out: string;
  beforeAll(async () => {
    await temper('export', files.model, '--bits', bits, '--out', files.path(`b${bits}/quantized.onnx`));
    const training = ['--epochs', '3', '--batch-size', '32', '--learning-rate', '0.2', '--optimizer', 'sgd'];
    const device = ['--device', 'gaussian:0.1', '--draws', '4', '--levels', '1', '--seed', '7', '--quiet'];
    const input = files.path(`b${bits}/quantized.onnx`);
    const options = ['--data', files.data, ...training, ...device, '--out', files.path(folder)];
    const outcome = await temper('harden', input, ...options);
    expect(outcome.err).not.toMatch(/neither trained nor perturbed/);
    expect(outcome.code).toBe(0);
    out = outcome.out;
  });

  it('is supported, and gains under noise', async () => {
    const { out: inspected } = await temper('inspect', files.path(`b${bits}/quantized.onnx`));
    expect(inspected).toContain('Fine-tuning: supported');
    const [, all, trained] = /parameters +([\d,]+); trained: ([\d,]+)/
      .exec(inspected)!
      .map((text) => Number(text.replaceAll(',', '')));
    expect(all).toBeGreaterThanOrEqual(trained!);
    expect(out).toContain('hardened.onnx');
    const report = JSON.parse(readFileSync(files.path(`${folder}/report.json`), 'utf8'));
    const meanOf = (name: string) =>
      report.runs.find((run: { model: string }) => run.model === name).accuracy.mean;
    const [before, after] = [meanOf('before'), meanOf('after')];
    expect(after).toBeGreaterThan(before + 0.2);
  });

  it('writes codes of the same type on the same scales', async () => {
    const [before, after] = [
      await readModel(files.path(`b${bits}/quantized.onnx`)),
      await readModel(files.path(`${folder}/hardened.onnx`)),
    ];
    const codes = before.graph.initializers.filter(({ dataType }) => isCode(dataType));
    expect(codes.map(({ name }) => name)).toEqual(['conv_codes', 'fc_codes']);
    const largest = 2 ** (Number(bits) - 1) - 1;
    for (const { name, dataType } of codes) {
      const trained = after.graph.initializers.find((tensor) => tensor.name === name)!;
      expect(trained.dataType).toBe(dataType);
      expect(valuesOf(after, name)).not.toEqual(valuesOf(before, name));
      // Symmetric, as the conductances of a differential pair are.
      expect(valuesOf(after, name).every((code) => Math.abs(code) <= largest)).toBe(true);
      const scale = name.replace('codes', 'scale');
      expect(valuesOf(after, scale)).toEqual(valuesOf(before, scale));
    }
  });
});

it('refuses to quantize what is quantized, before any work', async () => {
  await temper('export', files.model, '--bits', '8', '--out', files.path('twice/quantized.onnx'));
  const out = files.path('refused');
  const { code, err } = await temper(
    ...['harden', files.path('twice/quantized.onnx'), '--data', files.data, '--bits', '4', '--out', out],
  );
  expect(code).toBe(3);
  expect(err).toMatch(/nothing to quantize: all weights are already quantized/);
  expect(existsSync(`${out}/finetuned.onnx`)).toBe(false);
});
