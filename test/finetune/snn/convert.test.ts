import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Converted, checkConvertible, convertToSnn } from '../../../src/finetune/snn/convert.js';
import { simulateSnn } from '../../../src/finetune/snn/simulate.js';
import { buildNetwork } from '../../../src/network/network.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { decodeModel, encodeModel } from '../../../src/onnx/codec.js';
import { DataType, type Model } from '../../../src/onnx/model.js';
import { makeTensor, tensorValues, withValues } from '../../../src/onnx/tensor.js';
import { metadata, opsetVersion, walkNodes } from '../../../src/onnx/walk.js';
import { openSession } from '../../../src/runtime/session.js';
import { dyadicInputs, dyadicNet, dyadicThresholds } from './dyadicNet.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The only output of the model on dyadic inputs. */
async function runOnnx(model: Model, examples: number, seed: number): Promise<Float32Array> {
  const session = await openSession(encodeModel(model));
  const x = { type: 'float32' as const, dims: [examples, 2, 8, 8], data: dyadicInputs(examples, seed) };
  const out = await session.run({ x });
  await session.release();
  return out[session.outputNames[0]!]!.data as Float32Array;
}

function runEager(model: Model, { spiking }: Converted, examples: number, seed: number): Float32Array {
  const x = tf.tensor(dyadicInputs(examples, seed), [examples, 2, 8, 8]);
  const output = simulateSnn(buildNetwork(model), spiking, { x })[model.graph.outputs[0]!.name]!;
  return output.dataSync() as Float32Array;
}

function convert(model: Model, timesteps: number): Promise<Converted> {
  return convertToSnn(model, buildNetwork(model), { timesteps, thresholds: dyadicThresholds });
}

describe('the Loop in onnxruntime', () => {
  it.each([
    { seed: 1, opset: 9, timesteps: 8, examples: 3 },
    { seed: 2, opset: 11, timesteps: 5, examples: 1 },
    { seed: 3, opset: 13, timesteps: 1, examples: 2 },
    { seed: 4, opset: 17, timesteps: 16, examples: 4 },
    { seed: 5, opset: 21, timesteps: 32, examples: 2 },
  ])('equals the eager run bit for bit on a dyadic net: %j', async ({ seed, opset, timesteps, examples }) => {
    const model = dyadicNet({ seed, opset });
    const converted = await convert(model, timesteps);
    expect(opsetVersion(converted.model)).toBe(opset);
    const found = await runOnnx(converted.model, examples, seed);
    expect(found).toEqual(runEager(model, converted, examples, seed));
    expect(new Set(found).size).toBeGreaterThan(1);
  });

  it('applies Softmax once, to the mean', async () => {
    const logits = await convert(dyadicNet({ seed: 6 }), 8);
    const model = dyadicNet({ seed: 6, softmax: true });
    const converted = await convert(model, 8);
    const found = await runOnnx(converted.model, 2, 6);
    const means = tf.tensor(await runOnnx(logits.model, 2, 6), [2, 5]);
    const wanted = tf.softmax(means).dataSync();
    const eager = runEager(model, converted, 2, 6);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 6);
      expect(eager[i]).toBeCloseTo(wanted[i]!, 6);
    });
    expect(converted.notes.join()).toMatch(/Softmax applied once/);
  });

  it('gives every example of a batch what it gets alone', async () => {
    const { model } = await convert(dyadicNet({ seed: 7 }), 8);
    const [three, one] = [await runOnnx(model, 3, 7), await runOnnx(model, 1, 7)];
    expect(three.slice(0, 5)).toEqual(one);
  });

  it('comes nearer to the network it was made from as T grows', async () => {
    const model = dyadicNet({ seed: 8 });
    const network = buildNetwork(model);
    const calibration = [{ x: { type: 'float32' as const, dims: [16, 2, 8, 8], data: dyadicInputs(16, 8) } }];
    const wanted = await runOnnx(model, 16, 8);
    const errors: number[] = [];
    for (const timesteps of [4, 16, 64, 256]) {
      const converted = await convertToSnn(model, network, { timesteps, percentile: 100, calibration });
      const found = await runOnnx(converted.model, 16, 8);
      errors.push(found.reduce((sum, value, i) => sum + Math.abs(value - wanted[i]!), 0) / found.length);
    }
    expect(errors).toEqual([...errors].sort((a, b) => b - a));
    expect(errors[3]).toBeLessThan(errors[0]! / 8);
  });
});

describe('the file', () => {
  it('keeps names, operators, initializers and metadata of the source, and records how it was made', async () => {
    const source = dyadicNet({ seed: 1 });
    const { model, thresholds } = await convert(source, 8);
    expect(model.graph.inputs).toEqual(source.graph.inputs);
    expect(model.graph.outputs).toEqual(source.graph.outputs);
    expect(model.graph.initializers.slice(0, 9)).toEqual(source.graph.initializers);
    const names = [...walkNodes(model.graph)].map(({ node }) => node.name);
    for (const node of source.graph.nodes) if (node.opType !== 'Relu') expect(names).toContain(node.name);
    expect([...thresholds.keys()]).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(metadata(model).get('author')).toBe('test');
    expect(JSON.parse(metadata(model).get('temper.snn')!)).toEqual({
      timesteps: 8,
      neuron: 'if',
      thresholds: Object.fromEntries(dyadicThresholds),
    });
    expect(source).toEqual(dyadicNet({ seed: 1 }));
  });

  it('computes the first layer once and holds every weight outside of the loop', async () => {
    const { model } = await convert(dyadicNet({ seed: 1 }), 8);
    const loop = model.graph.nodes.find((node) => node.opType === 'Loop')!;
    const body = loop.attributes[0]!.g!;
    expect(model.graph.nodes[0]!.name).toBe('conv1');
    expect(body.initializers).toEqual([]);
    expect(body.nodes.filter((node) => node.opType === 'Conv')).toHaveLength(2);
    expect(body.nodes.some((node) => node.opType === 'Relu')).toBe(false);
  });

  it.each(['w1', 'w2', 'w3', 'w4', 'w5'])('feels a change of %s', async (name) => {
    const { model } = await convert(dyadicNet({ seed: 4 }), 8);
    const change = model.graph.initializers.map((tensor) =>
      tensor.name === name
        ? withValues(
            tensor,
            Float32Array.from(tensorValues(tensor) as Float32Array, (w) => -w),
          )
        : tensor,
    );
    const changed = { ...model, graph: { ...model.graph, initializers: change } };
    expect(await runOnnx(changed, 4, 4)).not.toEqual(await runOnnx(model, 4, 4));
  });

  it('survives encoding and decoding', async () => {
    const { model } = await convert(dyadicNet({ seed: 1 }), 2);
    expect(decodeModel(encodeModel(model)).graph.nodes.length).toBe(model.graph.nodes.length);
  });

  it('raises operator sets before 9, and says so', async () => {
    const model = dyadicNet({ seed: 9, opset: 7 });
    const converted = await convert(model, 4);
    expect(opsetVersion(converted.model)).toBe(9);
    expect(converted.notes[0]).toBe('operator set raised from 7 to 9');
    expect(await runOnnx(converted.model, 2, 9)).toEqual(runEager(model, converted, 2, 9));
  });
});

/** x [N, 3] -> Gemm by the identity (so that activations are the inputs) -> Relu -> y */
function identityNet(): Model {
  const eye = makeTensor('w', DataType.FLOAT, [3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
  return makeModel(
    makeGraph({
      nodes: [makeNode('Gemm', ['x', 'w'], ['a']), makeNode('Relu', ['a'], ['y'])],
      initializers: [eye],
      inputs: [tensorInfo('x', DataType.FLOAT, ['N', 3])],
      outputs: [tensorInfo('y', DataType.FLOAT, ['N', 3])],
    }),
  );
}

function* batches(...rows: number[][]) {
  for (const row of rows)
    yield { x: { type: 'float32' as const, dims: [row.length / 3, 3], data: Float32Array.from(row) } };
}

describe('calibration', () => {
  const model = identityNet();
  const network = buildNetwork(model);

  it('takes the percentile over positive activations of all batches, of any sizes', async () => {
    const rows = [
      [-5, 0, 1, 2, 3, 4],
      [0, 0, 5],
      [6, 7, 8, 9, 10, -1],
    ];
    const options = { timesteps: 4, percentile: 50 };
    const half = await convertToSnn(model, network, { ...options, calibration: batches(...rows) });
    // The fifth of ten positive values; the histogram is exact to 2^-11 of it.
    expect(half.thresholds.get('y')).toBeGreaterThanOrEqual(5 * (1 - 2 ** -11));
    expect(half.thresholds.get('y')).toBeLessThanOrEqual(5 * (1 + 2 ** -11));
    const all = await convertToSnn(model, network, {
      ...options,
      percentile: 100,
      calibration: batches(...rows),
    });
    expect(all.thresholds.get('y')).toBe(10);
    expect(JSON.parse(metadata(all.model).get('temper.snn')!)).toMatchObject({
      percentile: 100,
      calibrationExamples: 5,
    });
  });

  it('is the same whatever tensors are called', async () => {
    const model = dyadicNet({ seed: 8 });
    const called: Record<string, string> = { w1: 'value0', w2: 'value1', b1: 'constructor' };
    const renamed = (name: string) => called[name] ?? name;
    const { graph } = model;
    const other: Model = {
      ...model,
      graph: {
        ...graph,
        nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(renamed) })),
        initializers: graph.initializers.map((tensor) => ({ ...tensor, name: renamed(tensor.name) })),
      },
    };
    const calibration = [{ x: { type: 'float32' as const, dims: [4, 2, 8, 8], data: dyadicInputs(4, 8) } }];
    const thresholds = async (source: Model) =>
      (await convertToSnn(source, buildNetwork(source), { timesteps: 2, percentile: 100, calibration }))
        .thresholds;
    expect(await thresholds(other)).toEqual(await thresholds(model));
  });

  it('refuses silent layers and values that are no numbers', async () => {
    const run = (row: number[]) => convertToSnn(model, network, { timesteps: 4, calibration: batches(row) });
    await expect(run([-1, 0, -2])).rejects.toThrow(
      /no activation above zero in 1 calibration examples[\s\S]*layer "y"/,
    );
    await expect(run([Number.NaN, 0, 1])).rejects.toThrow(/NaN or infinite/);
  });

  it('can be interrupted', async () => {
    const run = convertToSnn(model, network, {
      timesteps: 4,
      calibration: batches([1, 2, 3]),
      signal: AbortSignal.abort(),
    });
    await expect(run).rejects.toMatchObject({ kind: 'interrupted' });
  });
});

describe('refusals', () => {
  const model = identityNet();
  const network = buildNetwork(model);

  it('lists bad options together', async () => {
    const thresholds = new Map([['y', -1]]);
    const run = convertToSnn(model, network, { timesteps: 0, percentile: 101, thresholds });
    await expect(run).rejects.toMatchObject({ kind: 'usage', problems: { length: 3 } });
  });

  it('wants data or thresholds, of layers that exist', async () => {
    const run = convertToSnn(model, network, { timesteps: 4, thresholds: new Map([['z', 1]]) });
    await expect(run).rejects.toThrow(/"z", which is no layer[\s\S]*layers are y[\s\S]*no threshold for y/);
  });

  it('tells what cannot be converted without converting', () => {
    expect(checkConvertible(model)).toEqual([]);
    const pooled: Model = {
      ...model,
      graph: {
        ...model.graph,
        nodes: [...model.graph.nodes, makeNode('MaxPool', ['y'], ['m'])],
        outputs: [tensorInfo('m', DataType.FLOAT)],
      },
    };
    expect(checkConvertible(pooled)).toMatchObject([{ what: 'MaxPool cannot carry spikes' }]);
  });

  it('refuses a layer whose first dimension is not the batch', async () => {
    const nodes = [makeNode('Transpose', ['x'], ['t'], { perm: [1, 0] }), makeNode('Relu', ['t'], ['y'])];
    const turned: Model = { ...model, graph: { ...model.graph, nodes } };
    const run = convertToSnn(turned, buildNetwork(turned), { timesteps: 4, thresholds: new Map([['y', 1]]) });
    await expect(run).rejects.toThrow(/"y" is \[3,2\] for 2 examples and \[3,3\] for 3/);
  });
});
