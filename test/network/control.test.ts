/** If, Loop and Scan: the values of onnxruntime, true gradients, and refusals that say why. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { traceModel } from '../../src/compile/index.js';
import { checkModel } from '../../src/import/check.js';
import { importModel } from '../../src/import/importModel.js';
import { buildNetwork } from '../../src/network/network.js';
import { makeGraph, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor, type ValueInfo } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { int64, model, node, weight } from './onnxModels.js';
import { drawn, expectSameAsRuntime, expectTrueGradients } from './sameAsRuntime.js';

beforeAll(() => tf.setBackend('cpu'));

const float = (name: string, shape?: number[]) => tensorInfo(name, DataType.FLOAT, shape);
const counter = tensorInfo('i', DataType.INT64, []);
const going = tensorInfo('going', DataType.BOOL, []);
const still = tensorInfo('still', DataType.BOOL, []);
const truth = (name: string, value: boolean) => makeTensor(name, DataType.BOOL, [], [Number(value)]);
const number = (name: string, value: number) => makeTensor(name, DataType.FLOAT, [], [value]);
const trips = (value: number) => makeTensor('M', DataType.INT64, [], [value]);

function body(nodes: Node[], inputs: ValueInfo[], outputs: ValueInfo[], initializers: Tensor[] = []) {
  return { graph: makeGraph({ nodes, inputs, outputs, initializers }) };
}

const branch = (output: string, ...nodes: Node[]) => body(nodes, [], [float(output)]);
const reasons = (made: Model) => checkModel(made).map(({ what, where }) => `${what} at ${where}`);

/** y = sum > 0 ? x * w : -x, decided by the data. */
function dataDependentIf(other: Node[] = [node('Neg', ['x'], ['n'])]): Model {
  const nodes = [
    node('ReduceSum', ['x'], ['sum'], { keepdims: 0 }),
    node('Greater', ['sum', 'zero'], ['c']),
    node('If', ['c'], ['y'], {
      then_branch: branch('p', node('Mul', ['x', 'w'], ['p'])),
      else_branch: branch('n', ...other),
    }),
  ];
  return model(['n', 3], nodes, [number('zero', 0), weight('w', [3])]);
}

describe('If', () => {
  it.each([1, -1])('follows the data (%d)', async (sign) => {
    const feeds = drawn({ x: [2, 3] });
    const x = feeds.x!.data as Float32Array;
    x[0] = sign * 20;
    await expectSameAsRuntime(dataDependentIf(), feeds);
    expectTrueGradients(dataDependentIf(), feeds);
  });

  it('takes only the branch that is known, whatever the other holds', async () => {
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'one'], ['width']),
      node('Equal', ['width', 'three'], ['c']),
      node('If', ['c'], ['y'], {
        then_branch: branch('a', node('Transpose', ['x'], ['a'])),
        else_branch: branch('b', node('NoSuchThing', ['x'], ['b'])),
      }),
    ];
    const scalars = [
      makeTensor('one', DataType.INT64, [], [1]),
      makeTensor('three', DataType.INT64, [], [3]),
    ];
    expect(reasons(model(['n', 3], nodes, scalars))).toEqual([]);
    expect(reasons(model(['n', 4], nodes, scalars))).toEqual([
      'unsupported operator NoSuchThing (opset 17) at node #0 (NoSuchThing) -> b in else_branch of node #3 (If) -> y',
    ]);
  });

  it('is refused if the data choose between shapes, or between what is understood and what is not', () => {
    const [shapes] = reasons(dataDependentIf([node('ReduceSum', ['x'], ['n'])]));
    expect(shapes).toMatch(
      /^If .* depends on the data, and the branches give float32\[5,3\] and float32\[1,1\] at/,
    );
    const [unknown] = reasons(dataDependentIf([node('NoSuchThing', ['x'], ['n'])]));
    expect(unknown).toMatch(/^unsupported operator NoSuchThing .* in else_branch of node #2 \(If\) -> y$/);
  });

  it('tells its parameters, and leaves the tensors of a branch alone', () => {
    const { network } = importModel(withInner());
    expect([...network.parameters.keys()]).toEqual(['w']);
  });
});

/** A branch that multiplies by an outer weight and adds a weight of its own. */
function withInner(): Model {
  const inner = body(
    [node('MatMul', ['x', 'w'], ['m']), node('MatMul', ['m', 'own'], ['p'])],
    [],
    [float('p')],
    [weight('own', [3, 3])],
  );
  const nodes = [
    node('If', ['c'], ['y'], { then_branch: inner, else_branch: branch('n', node('Neg', ['x'], ['n'])) }),
  ];
  return model(['n', 3], nodes, [truth('c', true), weight('w', [3, 3])]);
}

interface LoopParts {
  limit?: number;
  count?: number;
  scan?: boolean;
  keep?: Node[];
}

/** v <- tanh(v w) + x, with v collected, while |v| sums to less than a limit if one is given. */
function loop({ limit, count = 4, scan = true, keep = [] }: LoopParts = {}): Model {
  const decide =
    limit === undefined
      ? [node('Identity', ['going'], ['still'])]
      : [
          node('Abs', ['next'], ['size']),
          node('ReduceSum', ['size'], ['total'], { keepdims: 0 }),
          node('Less', ['total', 'limit'], ['still']),
        ];
  const graph = body(
    [
      node('MatMul', ['v', 'w'], ['m']),
      node('Tanh', ['m'], ['t']),
      node('Add', ['t', 'x'], ['next']),
      ...decide,
      ...keep,
      ...(scan ? [node('Identity', ['next'], ['seen'])] : []),
    ],
    [counter, going, float('v', [2, 3])],
    [still, float('next', [2, 3]), ...(scan ? [float('seen', [2, 3])] : [])],
  );
  const outputs = scan ? ['last', 'all'] : ['y'];
  const nodes = [
    node('Loop', ['M', '', 'x'], outputs, { body: graph }),
    ...(scan
      ? [
          node('ReduceMean', ['all'], ['mean'], { axes: [0], keepdims: 0 }),
          node('Mul', ['mean', 'last'], ['y']),
        ]
      : []),
  ];
  return model(['n', 3], nodes, [trips(count), number('limit', limit ?? 0), weight('w', [3, 3])]);
}

describe('Loop', () => {
  it('is unrolled where its trip count is known', async () => {
    await expectSameAsRuntime(loop(), drawn({ x: [2, 3] }));
    expectTrueGradients(loop({ count: 3 }), drawn({ x: [2, 3] }));
    expect([...importModel(loop()).network.parameters.keys()]).toEqual(['w']);
  });

  it.each([0.1, 7, 8, 9, 100])('stops when the data say so (%d)', async (limit) => {
    await expectSameAsRuntime(loop({ limit, scan: false }), drawn({ x: [2, 3] }));
    expectTrueGradients(loop({ limit, scan: false }), drawn({ x: [2, 3] }));
  });

  it('stops when the count of its own says so', async () => {
    const graph = body(
      [
        node('Add', ['v', 'x'], ['next']),
        node('Add', ['n', 'one'], ['more']),
        node('Less', ['more', 'five'], ['still']),
      ],
      [counter, going, float('v', [2, 3]), tensorInfo('n', DataType.INT64, [])],
      [still, float('next', [2, 3]), tensorInfo('more', DataType.INT64, [])],
    );
    const scalars = ['one', 'five', 'zero'].map((name, i) =>
      makeTensor(name, DataType.INT64, [], [[1, 5, 0][i]!]),
    );
    const nodes = [node('Loop', ['', 'yes', 'x', 'zero'], ['y', 'unused'], { body: graph })];
    await expectSameAsRuntime(model([2, 3], nodes, [...scalars, truth('yes', true)]), drawn({ x: [2, 3] }));
  });

  it('is refused where extents depend on the data', () => {
    expect(reasons(loop({ limit: 8 }))[0]).toMatch(
      /^Loop .*how many elements the outputs of the iterations have depends on the data/,
    );
    const endless = loop({ limit: 8, scan: false, count: 2 ** 40 });
    expect(reasons(endless)[0]).toMatch(/^Loop .*when the loop ends depends on the data/);
  });

  it('is refused beyond a limit, soon', () => {
    const started = performance.now();
    expect(reasons(loop({ limit: 8, scan: false, count: 1e6 }))[0]).toMatch(
      /^Loop .*: 999999 more runs of a/,
    );
    expect(reasons(loop({ count: 1e6 }))[0]).toMatch(/^Loop .*: \d+ more runs of a/);
    expect(reasons(loop({ count: 2 ** 40 }))[0]).toMatch(/^Loop .*: \d+ more runs of a/);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('names what is wrong inside, with its place', () => {
    const odd = loop({ keep: [node('NoSuchThing', ['t'], ['unused'])] });
    expect(reasons(odd)).toEqual([]);
    const wrong = loop();
    const graph = wrong.graph.nodes[0]!.attributes[0]!.g!;
    graph.nodes[1] = node('NoSuchThing', ['m'], ['t'], {}, { name: 'odd' });
    graph.nodes[0] = node('MatMul', ['v', 'w'], ['m'], { k: 1 });
    expect(reasons(wrong)).toEqual([
      'MatMul (opset 17): attribute "k" is unknown at node #0 (MatMul) -> m in body of node #0 (Loop) -> last',
      'unsupported operator NoSuchThing (opset 17) at node "odd" (NoSuchThing) in body of node #0 (Loop) -> last',
    ]);
  });

  it('may nest', async () => {
    const inner = body(
      [
        node('Identity', ['going2'], ['still2']),
        node('Mul', ['u', 'v'], ['u2']),
        node('Add', ['u2', 'x'], ['u3']),
      ],
      [{ ...counter, name: 'j' }, { ...going, name: 'going2' }, float('u', [2, 3])],
      [{ ...still, name: 'still2' }, float('u3', [2, 3])],
    );
    const outer = body(
      [node('Identity', ['going'], ['still']), node('Loop', ['M', '', 'x'], ['next'], { body: inner })],
      [counter, going, float('v', [2, 3])],
      [still, float('next', [2, 3])],
    );
    const made = model([2, 3], [node('Loop', ['M', '', 'x'], ['y'], { body: outer })], [trips(2)]);
    await expectSameAsRuntime(made, drawn({ x: [2, 3] }));
  });
});

describe('Scan', () => {
  it('goes along axes and directions of its inputs and outputs', async () => {
    const cell = body(
      [
        node('MatMul', ['h', 'w'], ['m']),
        node('Sum', ['m', 'a', 'b'], ['s']),
        node('Tanh', ['s'], ['next']),
        node('Neg', ['next'], ['o1']),
        node('Mul', ['next', 'a'], ['o2']),
      ],
      [float('h', [2, 3]), float('a', [2, 3]), float('b', [2, 3])],
      [float('next', [2, 3]), float('o1', [2, 3]), float('o2', [2, 3])],
    );
    const nodes = [
      node('Transpose', ['x'], ['xt'], { perm: [1, 0, 2] }),
      node('ReduceSum', ['x', 'one'], ['zeros'], { keepdims: 0 }),
      node('Scan', ['zeros', 'x', 'xt'], ['last', 'r1', 'r2'], {
        body: cell,
        num_scan_inputs: 2,
        scan_input_axes: [1, -3],
        scan_input_directions: [0, 1],
        scan_output_axes: [1, -1],
        scan_output_directions: [1, 0],
      }),
      node('Transpose', ['r2'], ['r3'], { perm: [0, 2, 1] }),
      node('Add', ['r1', 'r3'], ['r']),
      node('Unsqueeze', ['last', 'one'], ['l']),
      node('Mul', ['r', 'l'], ['y']),
    ];
    const made = model([2, 4, 3], nodes, [weight('w', [3, 3]), int64('one', [1])]);
    const feeds = drawn({ x: [2, 4, 3] });
    const { network } = importModel(made);
    expect([...network.parameters.keys()]).toEqual(['w']);
    await expectSameAsRuntime(made, feeds);
    expectTrueGradients(made, feeds);
  });

  it('of opset 8 goes through each example, and knows the lengths of sequences', async () => {
    const cell = body(
      [node('Add', ['s', 'a'], ['next']), node('Mul', ['next', 'a'], ['o'])],
      [float('s', [3]), float('a', [3])],
      [float('next', [3]), float('o', [3])],
    );
    const nodes = [
      node('Scan', ['lengths', 'zeros', 'x'], ['last', 'all'], {
        body: cell,
        num_scan_inputs: 1,
        directions: [1],
      }),
      node('Unsqueeze', ['last'], ['l'], { axes: [1] }),
      node('Mul', ['all', 'l'], ['y']),
    ];
    const zeros = makeTensor('zeros', DataType.FLOAT, [2, 3], [1, 2, 3, 4, 5, 6]);
    const made = model([2, 4, 3], nodes, [zeros, int64('lengths', [4, 2])], 8);
    await expectSameAsRuntime(made, drawn({ x: [2, 4, 3] }), buildNetwork(made));
    // Lengths are stored for two examples; training may come with more.
    expect(reasons(made)[0]).toMatch(/^Scan .*a batch of/);
  });

  it('is refused beyond a limit', () => {
    const cell = body([node('Add', ['s', 'a'], ['next'])], [float('s'), float('a')], [float('next')]);
    const nodes = [
      node('Scan', ['zero', 'x'], ['y'], { body: cell, num_scan_inputs: 1, scan_input_axes: [1] }),
    ];
    expect(reasons(model(['n', 100_000], nodes, [makeTensor('zero', DataType.FLOAT, [1], [0])]))[0]).toMatch(
      /^Scan .*100000 more runs of a body of 1 node/,
    );
  });
});

it('bodies record what they use once, however often they run', () => {
  const { network } = importModel(loop({ count: 50 }));
  const { graph } = traceModel(
    ({ x }) => network.forward({}, { x: x! }).outputs,
    [{ name: 'x', shape: [2, 3], dtype: 'float32' }],
  );
  const weights = graph.initializers.filter(({ dims }) => dims.join() === '3,3');
  expect(weights).toHaveLength(1);
});
