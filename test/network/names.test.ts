/** Names that JavaScript objects use themselves are names like any other: of values, weights, inputs, outputs and nodes. */
import { expect, it } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import { makeGraph, makeModel, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { openSession } from '../../src/runtime/session.js';
import { node, weight } from './onnxModels.js';
import { drawn, expectSameAsRuntime } from './sameAsRuntime.js';

const taken = Object.getOwnPropertyNames(Object.prototype);

/** Two layers in which one thing has the name. */
function named({ x = 'x', w = 'w', h = 'h', y = 'y', label = 'n' }: Record<string, string>): Model {
  const graph = makeGraph({
    nodes: [
      node('MatMul', [x, w], [h], {}, { name: label }),
      node('BatchNormalization', [h, 's', 'b', 'm', 'v'], ['f']),
      node('Relu', ['f'], [y]),
    ],
    initializers: [
      weight(w, [4, 3]),
      ...['s', 'b', 'm'].map((name) => weight(name, [3])),
      { ...weight('v', [3]), rawData: new Uint8Array(Float32Array.of(1, 2, 3).buffer) },
    ],
    inputs: [tensorInfo(x, DataType.FLOAT, ['n', 4])],
    outputs: [tensorInfo(y, DataType.FLOAT, ['n', 3])],
  });
  return makeModel(graph, { opset: 17, irVersion: 8 });
}

it.each(taken)('%s', async (name) => {
  for (const part of ['x', 'w', 'h', 'y', 'label']) {
    if (part === 'y' && name === '__proto__') continue; // below
    const model = named({ [part]: name });
    await expectSameAsRuntime(model, drawn({ [part === 'x' ? name : 'x']: [2, 4] }));
  }
  const { network } = importModel(named({ w: name }));
  expect([...network.parameters.keys()]).toContain(name);
});

it('__proto__ is refused as an output, of which onnxruntime would give nothing', async () => {
  const model = named({ y: '__proto__' });
  expect(() => importModel(model)).toThrow(/output cannot have the name "__proto__"/);
  await expect(openSession(encodeModel(model))).rejects.toThrow(/output cannot have the name "__proto__"/);
});
