/** What `--write-chip` promises: plain onnxruntime, as anybody opens it, scores the file exactly as that draw. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeGraph, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { metadata } from '../../src/onnx/walk.js';
import { verify } from '../../src/verify/verify.js';
import * as net from './models.js';

const { inputs, hidden, classes } = net;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-chip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const codes = (name: string, dims: number[]) =>
  makeTensor(name, DataType.INT8, dims, net.normals(name, dims[0]! * dims[1]!, 40).map(Math.round));
const scale = (name: string, value: number) => net.floatTensor(name, [], [value]);
const zero = makeTensor('zero', DataType.UINT8, [], [128]);

/** Weights and activations quantized, as static quantization leaves them. */
function quantized(): Model {
  const activation = (from: string, to: string) => [
    makeNode('QuantizeLinear', [from, 'step', 'zero'], [`${to}_q`]),
    makeNode('DequantizeLinear', [`${to}_q`, 'step', 'zero'], [to]),
  ];
  return net.modelOf({
    nodes: [
      ...activation('x', 'xq'),
      makeNode('DequantizeLinear', ['c1', 's1'], ['w1']),
      makeNode('DequantizeLinear', ['c2', 's2'], ['w2']),
      makeNode('Gemm', ['xq', 'w1', 'b1'], ['h']),
      makeNode('Relu', ['h'], ['a']),
      ...activation('a', 'aq'),
      makeNode('MatMul', ['aq', 'w2'], ['y']),
    ],
    initializers: [
      codes('c1', [inputs, hidden]),
      codes('c2', [hidden, classes]),
      net.b1,
      zero,
      scale('s1', 0.02),
      scale('s2', 0.015),
      scale('step', 0.03),
    ],
  });
}

function quantizedWeights(): Model {
  return net.modelOf({
    nodes: [
      makeNode('DequantizeLinear', ['c1', 's1'], ['w1']),
      makeNode('DequantizeLinear', ['c2', 's2'], ['w2']),
      ...net.mlpNodes,
    ],
    initializers: [
      codes('c1', [inputs, hidden]),
      codes('c2', [hidden, classes]),
      net.b1,
      scale('s1', 0.02),
      scale('s2', 0.015),
    ],
  });
}

/** Eight time steps of soft-reset integrate-and-fire neurons; the Scan body takes its weights from the main graph. */
function spiking(): Model {
  const vector = (name: string, size: number) => tensorInfo(name, DataType.FLOAT, ['N', size]);
  const body = makeGraph({
    nodes: [
      makeNode('Gemm', ['x', 'w1', 'b1'], ['current']),
      makeNode('Add', ['v', 'current'], ['charged']),
      makeNode('GreaterOrEqual', ['charged', 'one'], ['fires']),
      makeNode('Cast', ['fires'], ['spikes'], { to: DataType.FLOAT }),
      makeNode('Sub', ['charged', 'spikes'], ['v_out']),
      makeNode('MatMul', ['spikes', 'w2'], ['gained']),
      makeNode('Add', ['sum', 'gained'], ['sum_out']),
    ],
    inputs: [vector('v', hidden), vector('sum', classes), tensorInfo('step', DataType.FLOAT, [])],
    outputs: [vector('v_out', hidden), vector('sum_out', classes)],
  });
  return net.modelOf({
    nodes: [
      makeNode('MatMul', ['x', 'none1'], ['v0']),
      makeNode('MatMul', ['x', 'none2'], ['sum0']),
      makeNode('Scan', ['v0', 'sum0', 'steps'], ['v_end', 'y'], {
        body: { graph: body },
        num_scan_inputs: 1,
      }),
    ],
    initializers: [
      net.w1,
      net.b1,
      net.w2,
      scale('one', 1),
      net.floatTensor('none1', [inputs, hidden], new Float32Array(inputs * hidden)),
      net.floatTensor('none2', [inputs, classes], new Float32Array(inputs * classes)),
      net.floatTensor('steps', [8], new Float32Array(8)),
    ],
  });
}

function oldStyle(): Model {
  const model = net.modelOf({ irVersion: 3, opset: 8 });
  for (const { name, dims } of [net.w1, net.b1, net.w2]) {
    model.graph.inputs.push(tensorInfo(name, DataType.FLOAT, dims));
  }
  return model;
}

function constants(): Model {
  const nodes = [net.w1, net.w2].map((tensor) =>
    makeNode('Constant', [], [tensor.name], { value: { tensor } }),
  );
  return net.modelOf({ nodes: [...nodes, ...net.mlpNodes], initializers: [net.b1] });
}

test.each([
  ['float', net.modelOf(), 'exact', 'deploy'],
  ['batch fixed at 1', net.modelOf({ batch: 1 }), 'exact', 'deploy'],
  ['batch fixed at 16', net.modelOf({ batch: 16 }), 'exact', 'deploy'],
  ['initializers as inputs', oldStyle(), 'exact', 'deploy'],
  ['Constant nodes', constants(), 'exact', 'deploy'],
  ['quantized weights', quantizedWeights(), 'exact', 'deploy'],
  ['spiking, weights captured by a Scan', spiking(), 'exact', 'deploy'],
  // onnxruntime's defaults compute quantized activations in their own way: equal only in equal numerics.
  ['quantized activations, exact', quantized(), 'exact', 'exact'],
  ['quantized activations, deploy', quantized(), 'deploy', 'deploy'],
] as const)('%s', async (name, model, numerics, scoredIn) => {
  const dataset = await net.datasetFor(model, 200);
  const file = join(folder, `${name}.onnx`);
  const chip = 2;
  const { runs, clean } = await verify({
    model: encodeModel(model),
    dataset,
    devices: ['gaussian:0.2'],
    draws: 4,
    seed: 5,
    threads: 1,
    numerics,
    writeChip: { chip, file },
  });
  if (numerics === 'exact') expect(clean.accuracy! + clean.ties / dataset.count).toBe(1);
  const written = await readModel(file);
  expect(metadata(written).get('temper.chip')).toBe('device gaussian:0.2, seed 5, chip 2');

  const fixed = model.graph.inputs[0]!.tensorType!.shape![0];
  const batch = typeof fixed === 'number' ? fixed : dataset.count;
  let correct = 0;
  for (let from = 0; from < dataset.count; from += batch) {
    const x = new Float32Array(batch * inputs);
    x.set((dataset.examples as Float32Array).subarray(from * inputs, (from + batch) * inputs));
    const outputs = await net.outputsOf(file, x, { numerics: scoredIn });
    const labels = dataset.labels.subarray(from, from + batch);
    const rows = labels.length;
    net.highest(outputs).forEach((winner, row) => {
      const own = outputs.subarray(row * classes, (row + 1) * classes);
      const tied = own.filter((score) => score === own[winner]).length > 1;
      if (row < rows && winner === labels[row] && !tied) correct++;
    });
  }
  expect(correct).toBe(runs[0]!.draws[chip]!.correct);
  expect(correct).toBeLessThan(dataset.count); // the chip does differ from the model
});

test('a file that cannot be written is an i/o failure, and leaves nothing behind', async () => {
  const dataset = await net.datasetFor(net.modelOf(), 20);
  const running = verify({
    model: encodeModel(net.modelOf()),
    dataset,
    devices: ['gaussian:0.2'],
    draws: 1,
    writeChip: { chip: 0, file: join(folder, 'nowhere', 'chip.onnx') },
  });
  await expect(running).rejects.toMatchObject({ kind: 'io' });
  expect(await readdir(folder)).not.toContain('nowhere');
});
