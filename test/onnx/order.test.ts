/** Files whose nodes stand in another order than they compute in, as converters leave them and onnxruntime takes them. */
import { expect, it } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import { crossbarTensors } from '../../src/mapping/crossbar.js';
import { makeGraph, tensorInfo } from '../../src/onnx/build.js';
import { inlineFunctions } from '../../src/onnx/inline.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { inOrder } from '../../src/onnx/order.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';
import { model, node, weight } from '../network/onnxModels.js';
import { drawn, expectSameAsRuntime } from '../network/sameAsRuntime.js';

/** Casts around a layer, one of the casts and a branch that is chosen by the data among them. */
const nodes = [
  node('Cast', ['x'], ['half'], { to: DataType.FLOAT16 }),
  node('Cast', ['half'], ['full'], { to: DataType.FLOAT }),
  node('MatMul', ['full', 'w'], ['h']),
  node('If', ['yes'], ['chosen'], {
    then_branch: {
      graph: makeGraph({
        nodes: [node('Neg', ['h'], ['n']), node('Relu', ['n'], ['r'])],
        inputs: [],
        outputs: [tensorInfo('r', DataType.FLOAT)],
      }),
    },
    else_branch: {
      graph: makeGraph({
        nodes: [node('Relu', ['h'], ['s'])],
        inputs: [],
        outputs: [tensorInfo('s', DataType.FLOAT)],
      }),
    },
  }),
  node('Add', ['chosen', 'h'], ['y']),
];

function shuffled(seed: number): Model {
  const keys = randomStream('order', seed).uniforms(nodes.length);
  const order = [...nodes.keys()].sort((a, b) => keys[a]! - keys[b]!);
  return model(
    ['n', 4],
    order.map((at) => nodes[at]!),
    [weight('w', [4, 3]), makeTensor('yes', DataType.BOOL, [], [1])],
  );
}

it('computes them as onnxruntime does, whatever the order', async () => {
  for (let seed = 0; seed < 8; seed++) await expectSameAsRuntime(shuffled(seed), drawn({ x: [5, 4] }));
});

it('finds the same weights in them, and names nodes by their place in the file', () => {
  for (let seed = 0; seed < 8; seed++) {
    const file = shuffled(seed);
    const at = file.graph.nodes.findIndex(({ opType }) => opType === 'MatMul');
    expect(crossbarTensors(file)).toMatchObject([{ name: 'w', nodes: [`node #${at} (MatMul) -> h`] }]);
    expect([...importModel(file).network.parameters.keys()]).toEqual(['w']);
  }
});

it('leaves alone what is in order, and what has none', () => {
  const [first, second] = [node('Relu', ['x'], ['a']), node('Relu', ['a'], ['y'])];
  const ordered = model(['n', 4], [first, second]);
  expect(inlineFunctions(ordered).graph).toBe(ordered.graph);
  const circle = model(['n', 4], [node('Add', ['x', 'b'], ['y']), node('Relu', ['y'], ['b'])]);
  expect(inOrder(circle.graph)).toBe(circle.graph);
  // Ten thousand nodes backwards: by recursion they would overflow the stack.
  const chain = Array.from({ length: 10_000 }, (_, i) => node('Relu', [`v${i}`], [`v${i + 1}`]));
  expect(inOrder(makeGraph({ nodes: chain.toReversed(), inputs: [], outputs: [] })).nodes).toEqual(chain);
});
