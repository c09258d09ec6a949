import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../../src/network/network.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

beforeAll(() => tf.setBackend('cpu'));

const [steps, batch, size, hidden] = [4, 3, 2, 5];
const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const;

function values(name: string, shape: readonly number[]): tf.Tensor {
  return tf.tensor(randomStream(name).normals(shape.reduce((a, b) => a * b, 1)), [...shape]);
}

function model(type: keyof typeof gates, attributes: Record<string, AttributeValue>, X: number[]): Model {
  const states = type === 'LSTM' ? ['h', 'c'] : ['h'];
  const stored = (name: string, shape: number[]) =>
    makeTensor(name, DataType.FLOAT, shape, values(name, shape).dataSync());
  const rows = gates[type] * hidden;
  const outputs = ['Y', 'Y_h', ...(type === 'LSTM' ? ['Y_c'] : [])];
  const state = attributes.layout === 1 ? [batch, 2, hidden] : [2, batch, hidden];
  return makeModel(
    makeGraph({
      nodes: [makeNode(type, ['X', 'W', 'R', 'B', 'lengths', ...states], outputs, attributes)],
      initializers: [
        stored('W', [2, rows, size]),
        stored('R', [2, rows, hidden]),
        stored('B', [2, 2 * rows]),
        makeTensor('lengths', DataType.INT32, [batch], [4, 1, 2]),
      ],
      inputs: [
        tensorInfo('X', DataType.FLOAT, X),
        ...states.map((name) => tensorInfo(name, DataType.FLOAT, state)),
      ],
      outputs: outputs.map((name) => ({ name })),
    }),
    { opset: 22 },
  );
}

describe.each(['RNN', 'LSTM', 'GRU'] as const)('%s', (type) => {
  it('gives the same with the batch first', () => {
    const attributes = { direction: 'bidirectional', hidden_size: hidden };
    const states = type === 'LSTM' ? ['h', 'c'] : ['h'];
    const X = values('X', [steps, batch, size]);
    const feeds = { X, ...Object.fromEntries(states.map((s) => [s, values(s, [2, batch, hidden])])) };
    const turned = Object.fromEntries(Object.entries(feeds).map(([k, x]) => [k, x.transpose([1, 0, 2])]));
    const expected = buildNetwork(model(type, attributes, X.shape)).forward({}, feeds).outputs;
    const batchFirst = model(type, { ...attributes, layout: 1 }, [batch, steps, size]);
    const actual = buildNetwork(batchFirst).forward({}, turned).outputs;
    for (const [name, y] of Object.entries(expected)) {
      const wanted = name === 'Y' ? y.transpose([2, 0, 1, 3]) : y.transpose([1, 0, 2]);
      expect(actual[name]!.shape, name).toEqual(wanted.shape);
      expect([...actual[name]!.dataSync()], name).toEqual([...wanted.dataSync()]);
    }
  });

  it('takes a sequence without steps', () => {
    const empty = model(type, { direction: 'bidirectional', layout: 0 }, [0, batch, size]);
    const feeds = Object.fromEntries(
      empty.graph.inputs.slice(1).map(({ name }) => [name, values(name, [2, batch, hidden])]),
    );
    const { Y, Y_h } = buildNetwork(empty).forward({}, { X: tf.zeros([0, batch, size]), ...feeds }).outputs;
    expect(Y!.shape).toEqual([0, 2, batch, hidden]);
    expect([...Y_h!.dataSync()]).toEqual([...feeds.h!.dataSync()]);
  });

  it('trains its matrices without taking them for a crossbar', () => {
    const { parameters } = buildNetwork(model(type, { direction: 'bidirectional' }, [steps, batch, size]));
    const kept = [...parameters.values()].map(({ name, crossbar, trainable }) => [name, crossbar, trainable]);
    expect(kept).toEqual([
      ['W', false, true],
      ['R', false, true],
      ['B', false, true],
    ]);
  });

  it.each([
    [{ activations: { strings: ['Tahn'] } }, /unknown activation "Tahn"/],
    [{ activations: { strings: ['Affine', 'Affine', 'Affine'] } }, /activation Affine without alpha/],
    [{ direction: 'sideways' }, /"direction" = "sideways"/],
  ])('refuses %j', (attributes: Record<string, AttributeValue>, message) => {
    expect(() => buildNetwork(model(type, attributes, [steps, batch, size]))).toThrow(message);
  });

  it('refuses matrices that do not fit', () => {
    const network = buildNetwork(model(type, { direction: 'reverse' }, [steps, batch, size]));
    const feeds = Object.fromEntries(
      network.inputs.map(({ name }) => [
        name,
        name === 'X' ? values('X', [steps, batch, size]) : values(name, [2, batch, hidden]),
      ]),
    );
    expect(() => network.forward({}, feeds)).toThrow(/W is \[2,.* where \[1,/);
  });
});
