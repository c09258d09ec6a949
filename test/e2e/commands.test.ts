import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import type { Lines } from '../../src/cli/terminal/terminal.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { recordingTerminal } from '../cli/terminal.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
beforeAll(async () => {
  files = await fixture();
});

const bytes = (name: string) => readFileSync(files.path(name));

describe('temper inspect', () => {
  it('shows inputs, crossbar tensors and what is supported', async () => {
    const { code, out } = await temper('inspect', files.model);
    expect(code).toBe(0);
    for (const word of ['x', '[1, 2, 6, 6]', 'BatchNormalization', '8 x 2 x 3 x 3', 'Fine-tuning: supported'])
      expect(out).toContain(word);
  });

  it('prints JSON and nothing else', async () => {
    const { out, err } = await temper('inspect', files.model, '--json');
    const found = JSON.parse(out);
    expect(found).toMatchObject({ schema: 1, opsets: { 'ai.onnx': 21 }, unsupported: [] });
    expect(found.crossbar.map(({ name }: { name: string }) => name)).toEqual(['conv', 'fc']);
    expect(err).toBe('');
  });

  it('names what is unsupported', async () => {
    await unsupportedModel('odd.onnx');
    const { code, out } = await temper('inspect', files.path('odd.onnx'));
    expect(code).toBe(0);
    expect(out).toContain('node "strange" (NonZero)');
  });

  it('says which weights no chip would disturb, and that verification refuses the model for them', async () => {
    const graph = makeGraph({
      nodes: [makeNode('GRU', ['x', 'w', 'r'], ['y'], { hidden_size: 4 }, { name: 'layer' })],
      initializers: [
        makeTensor('w', DataType.FLOAT, [1, 12, 6], new Float32Array(72).fill(0.1)),
        makeTensor('r', DataType.FLOAT, [1, 12, 4], new Float32Array(48).fill(0.1)),
      ],
      inputs: [tensorInfo('x', DataType.FLOAT, [5, 'batch', 6])],
      outputs: [tensorInfo('y', DataType.FLOAT, [5, 1, 'batch', 4])],
    });
    await writeModel(files.path('gru.onnx'), makeModel(graph));
    const { out } = await temper('inspect', files.path('gru.onnx'));
    for (const words of ['of GRU are not placed', '2 unmapped weights', 'Verification: not supported'])
      expect(out).toContain(words);
    const { code, err } = await temper('verify', files.path('gru.onnx'), '--data', files.data);
    expect(code).toBe(3);
    expect(err).toContain('of GRU are not placed');
  });

  it('does not call unneeded what it has not looked at: an operator set from before onnxruntime', async () => {
    const graph = makeGraph({
      nodes: [
        makeNode('Relu', ['x'], ['1'], {}, { name: 'old' }),
        makeNode('Conv', ['1', '23'], ['y'], {}, { name: 'known' }),
      ],
      initializers: [makeTensor('23', DataType.FLOAT, [4, 2, 1, 1], new Float32Array(8).fill(1))],
      inputs: [tensorInfo('x', DataType.FLOAT, [1, 2, 6, 6])],
      outputs: [tensorInfo('y', DataType.FLOAT, [1, 4, 6, 6])],
    });
    await writeModel(files.path('old.onnx'), makeModel(graph, { opset: 1 }));
    const { out } = await temper('inspect', files.path('old.onnx'));
    expect(out).toContain('opset 1 is not supported');
    expect(out).not.toContain('not needed');
    // Names are to the left, also those that look like numbers.
    expect(out).toMatch(/^23 {6}Conv/m);
  });

  it.each([
    ['no such file', 'absent.onnx', 4],
    ['no model', 'noise.onnx', 3],
  ])('refuses %s, as JSON if asked', async (_, name, exitCode) => {
    writeFileSync(files.path('noise.onnx'), 'this is no protobuf at all');
    const plain = await temper('inspect', files.path(name));
    expect(plain).toMatchObject({ code: exitCode, out: '' });
    expect(plain.err).not.toContain('bug');
    const json = await temper('inspect', files.path(name), '--json');
    expect(json).toMatchObject({ code: exitCode, err: '' });
    expect(JSON.parse(json.out).error.exitCode).toBe(exitCode);
  });
});

async function unsupportedModel(name: string): Promise<void> {
  const shape = [1, 2, 6, 6];
  const graph = makeGraph({
    nodes: [makeNode('NonZero', ['x'], ['y'], {}, { name: 'strange' })],
    inputs: [tensorInfo('x', DataType.FLOAT, shape)],
    outputs: [tensorInfo('y', DataType.INT64, [4, 'n'])],
  });
  await writeModel(files.path(name), makeModel(graph));
}

describe('the stages alone', () => {
  const common = () => ['--data', files.data, '--quiet'];

  it('fine-tune, export and verify, each from files to files', async () => {
    const tuned = files.path('stages/tuned.onnx');
    const training = [
      '--epochs',
      '3',
      '--batch-size',
      '32',
      '--learning-rate',
      '0.2',
      '--device',
      'gaussian:0.1',
    ];
    expect(await temper('finetune', files.model, ...common(), ...training, '--out', tuned)).toMatchObject({
      code: 0,
    });
    const before = await readModel(files.model);
    const after = await readModel(tuned);
    expect(after.graph.nodes).toEqual(before.graph.nodes);
    expect(after.metadataProps).toEqual(before.metadataProps);

    const chip = files.path('stages/chip.onnx');
    expect(await temper('export', tuned, '--bits', '8', '--out', chip)).toMatchObject({ code: 0 });
    expect(existsSync(files.path('stages/crossbar.json'))).toBe(true);

    const verified = await temper(
      'verify',
      chip,
      ...common(),
      '--device',
      'gaussian:0.1',
      '--draws',
      '3',
      '--json',
      '-',
    );
    expect(verified.code).toBe(0);
    const report = JSON.parse(verified.out);
    expect(report.runs[0].draws).toHaveLength(3);
    expect(report.clean.accuracy).toBeGreaterThan(0.5); // chance is 0.25
  });

  it('fine-tune on from a checkpoint, to the same bytes', async () => {
    const args = (out: string, ...more: string[]) => [
      ...['finetune', files.model, '--data', files.data, '--epochs', '4', '--batch-size', '32'],
      ...['--out', files.path(out), ...more],
    ];
    await temper(...args('whole.onnx'));
    const kept = ['--checkpoint', files.path('kept')];
    const controller = new AbortController();
    const terminal = recordingTerminal(controller.signal);
    const stopping = {
      ...terminal,
      note(text: Lines) {
        terminal.note(text);
        if (String(text).startsWith('epoch 2/4')) controller.abort();
      },
    };
    expect(await runProgram(args('parts.onnx', ...kept), stopping)).toBe(130);
    expect(terminal.noted.join()).toContain('the same command resumes it');
    expect(existsSync(files.path('parts.onnx'))).toBe(false);
    const other = await temper(...args('parts.onnx', ...kept, '--seed', '3'));
    expect(other.code).not.toBe(0);
    const resumed = await temper(...args('parts.onnx', ...kept));
    expect(resumed).toMatchObject({ code: 0, err: expect.stringContaining('goes on at step') });
    expect(bytes('parts.onnx').equals(bytes('whole.onnx'))).toBe(true);
  });

  it('write the model of one chip, which scores as that chip did', async () => {
    const file = files.path('chip1.onnx');
    const args = ['--device', 'gaussian:0.3', '--draws', '2', '--json', '-', '--seed', '5'];
    const first = await temper('verify', files.model, ...common(), ...args, '--write-chip', '1', file);
    const second = await temper('verify', file, ...common(), ...args);
    const drawn = JSON.parse(first.out).runs[0].draws[1];
    expect(JSON.parse(second.out).clean.accuracy).toBe(drawn.accuracy);
  });

  it('gate a release by exit code', async () => {
    const args = ['verify', files.model, ...common(), '--draws', '2', '--limit', '40'];
    expect((await temper(...args, '--require', 'min(acc)>=0')).code).toBe(0);
    const missed = await temper(...args, '--require', 'min(acc)>=0', '--require', 'mean(acc)>=1');
    expect(missed.code).toBe(1);
    expect(missed.out).toContain('NOT met: mean(acc)>=1');
    expect(missed.err).toContain('requirement mean(acc)>=1 is not met');
    const json = await temper(...args, '--require', 'mean(acc)>=1', '--json', '-');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out).verdicts).toMatchObject([{ met: false }]); // one document, the report
    expect(json.err).toContain('requirement mean(acc)>=1 is not met');
  });

  it('gate it by what holds of all chips, with a confidence', async () => {
    // Without --draws: the default suffices for 95 % of the chips.
    const args = ['verify', files.model, ...common(), '--device', 'gaussian:0', '--limit', '40'];
    const { clean } = JSON.parse((await temper(...args, '--draws', '1', '--json', '-')).out);
    const reached = Math.floor(100 * clean.accuracy) / 100;
    const met = await temper(...args, '--require', `yield(acc>=${reached})>=0.95`);
    expect(met).toMatchObject({ code: 0 });
    expect(met.out).toContain(
      'at least 95.0 % of all chips with 95 % confidence; 59 of the 59 sampled chips',
    );
    expect(met.out).toContain('lowest chip: with 95 % confidence, at least 95 % of all chips reach it');
    const beyond = ['--require', `p05(acc)>=${Math.min(1, reached + 0.1)}`, '--require', 'mean(acc)>=1@0.9'];
    const missed = await temper(...args, ...beyond);
    expect(missed.code).toBe(1);
    expect(missed.out).toMatch(/NOT met: p05.* with 95 % confidence, the lowest of the 59 sampled chips\)/);
    expect(missed.out).toMatch(
      /NOT met: mean.*at least .* with 90 % confidence; .* over the 59 sampled chips\)/,
    );
  });

  it('convert into a spiking network that onnxruntime runs', async () => {
    const spiking = files.path('spiking.onnx');
    const args = ['--timesteps', '8', '--calibration', '64', '--out', spiking];
    expect(await temper('convert', files.model, '--data', files.data, ...args)).toMatchObject({ code: 0 });
    expect((await temper('verify', spiking, ...common(), '--draws', '1', '--limit', '20')).code).toBe(0);
  });

  it('make the page of a report anew', async () => {
    const [json, html] = [files.path('r.json'), files.path('r.html')];
    await temper(
      'verify',
      files.model,
      ...common(),
      '--draws',
      '2',
      '--limit',
      '20',
      '--json',
      json,
      '--html',
      html,
    );
    expect((await temper('report', json, '--out', files.path('again.html'))).code).toBe(0);
    expect(bytes('again.html').equals(bytes('r.html'))).toBe(true);
  });
});

it('counts weights stored as codes among the parameters', async () => {
  const chip = files.path('counted/chip.onnx');
  await temper('export', files.model, '--bits', '8', '--scales', 'tensor', '--out', chip);
  const parametersOf = async (model: string) =>
    JSON.parse((await temper('inspect', model, '--json')).out).parameters;
  const scales = 2; // one for each of the two tensors
  expect(await parametersOf(chip)).toBe((await parametersOf(files.model)) + scales);
});

describe('refusals', () => {
  it('come all at once, before any work', async () => {
    await unsupportedModel('odd.onnx');
    const out = files.path('never');
    const { code, err } = await temper(
      ...['harden', files.path('odd.onnx'), '--data', 'npz:absent.npz', '--device', 'laser:3', '--out', out],
    );
    expect(code).toBe(4);
    for (const word of ['strange', 'odd.onnx', 'absent.npz', 'laser']) expect(err).toContain(word);
    expect(existsSync(out)).toBe(false);
  });

  it('tell how data and model differ', async () => {
    const wrong = ['--data', 'digits', '--out', files.path('never')];
    const { code, err } = await temper('harden', files.model, ...wrong);
    expect(code).toBe(3);
    expect(err).toContain('[1,28,28]');
    expect(err).toContain('10 classes');
  });
});

it('shows help for every command with an example', async () => {
  for (const command of ['inspect', 'harden', 'finetune', 'convert', 'export', 'verify', 'report']) {
    const { code, out } = await temper(command, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`temper ${command}`);
    expect(out).toContain('Examples:');
  }
});
