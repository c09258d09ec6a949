import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { buildNetwork } from '../../src/network/network.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { model, node, weight } from './onnxModels.js';

beforeAll(() => tf.setBackend('cpu'));

interface Case {
  queries: number;
  keys: number;
  past?: number;
  mask?: { shape: number[]; truths: number[] };
  lengths?: number[];
  attributes?: Record<string, AttributeValue>;
  opset?: number;
}

/** Which keys each query attends, of one head and one example: the shares after the softmax, where they are not 0. */
function attended({ queries, keys, past, mask, lengths, attributes = {}, opset = 24 }: Case): string[] {
  const feeds: Record<string, tf.Tensor> = {
    Q: values('Q', queries),
    K: values('K', keys),
    V: values('V', keys),
    ...(past && { past_key: values('past_key', past), past_value: values('past_value', past) }),
  };
  const stored = [
    ...(mask ? [makeTensor('mask', DataType.BOOL, mask.shape, mask.truths)] : []),
    ...(lengths ? [makeTensor('lengths', DataType.INT64, [lengths.length], lengths)] : []),
  ];
  const given = ['Q', 'K', 'V', mask ? 'mask' : ''];
  const cache = past ? ['past_key', 'past_value'] : ['', ''];
  const inputs = [...given, ...cache, lengths ? 'lengths' : ''];
  const graph = makeGraph({
    nodes: [
      makeNode('Attention', inputs, ['Y', '', '', 'shares'], { qk_matmul_output_mode: 3, ...attributes }),
    ],
    initializers: stored,
    inputs: Object.entries(feeds).map(([name, { shape }]) => tensorInfo(name, DataType.FLOAT, shape)),
    outputs: [{ name: 'Y' }, { name: 'shares' }],
  });
  const { Y, shares } = buildNetwork(makeModel(graph, { opset })).forward({}, feeds).outputs;
  expect([...Y!.dataSync()].every(Number.isFinite)).toBe(true);
  const rows = shares!.reshape([queries, -1]).arraySync() as number[][];
  return rows.map((row) => row.map((share) => (share > 0 ? '#' : '.')).join(''));
}

function values(name: string, steps: number): tf.Tensor {
  return tf.tensor(randomStream(name).normals(steps * 2), [1, 1, steps, 2]);
}

const causal = { is_causal: 1 };

describe('a query of Attention', () => {
  it.each<[string, Case, string[]]>([
    ['attends no key ahead', { queries: 3, keys: 3, attributes: causal }, ['#..', '##.', '###']],
    ['stands behind the past', { queries: 1, keys: 2, past: 1, attributes: causal }, ['##.']],
    [
      'stands at the end of what is no padding',
      { queries: 2, keys: 4, lengths: [3], attributes: causal },
      ['##..', '###.'],
    ],
    [
      'attends nothing if there are fewer keys than queries behind it',
      { queries: 2, keys: 2, lengths: [1], attributes: causal },
      ['..', '#.'],
    ],
    ['attends no padding', { queries: 2, keys: 3, lengths: [2] }, ['##.', '##.']],
    [
      'attends nothing if all is masked',
      { queries: 2, keys: 2, mask: { shape: [2, 2], truths: [0, 0, 1, 0] } },
      ['..', '#.'],
    ],
    [
      'attends no key that its mask lacks',
      { queries: 2, keys: 3, mask: { shape: [2, 2], truths: [1, 1, 0, 1] } },
      ['##.', '.#.'],
    ],
    [
      'attends what lies in its window',
      { queries: 4, keys: 6, attributes: { left_window_size: 2, right_window_size: 1 }, opset: 25 },
      ['##....', '###...', '####..', '.####.'],
    ],
    [
      'attends what lies in its window and not ahead',
      { queries: 2, keys: 2, past: 2, attributes: { ...causal, left_window_size: 1 }, opset: 25 },
      ['.##.', '..##'],
    ],
  ])('%s', (_, form, expected) => {
    expect(attended(form)).toEqual(expected);
  });

  it('refuses a mask that lacks keys before opset 24', () => {
    const mask = { shape: [2, 2], truths: [1, 1, 1, 1] };
    expect(() => attended({ queries: 2, keys: 3, mask, opset: 23 })).toThrow(/do not broadcast/);
  });
});

/** Self-attention of two heads as torch.onnx writes it, with shapes computed in the graph. */
function exported() {
  const scalar = (name: string, value: number) => makeTensor(name, DataType.INT64, [], [value]);
  const list = (name: string, ...list: number[]) => makeTensor(name, DataType.INT64, [list.length], list);
  const split = (name: string) => [
    node('MatMul', ['x', `w_${name}`], [`m_${name}`]),
    node('Add', [`b_${name}`, `m_${name}`], [name]),
    node('Reshape', [name, 'headed'], [`r_${name}`]),
  ];
  const nodes = [
    node('Shape', ['x'], ['shape']),
    node('Gather', ['shape', 'zero'], ['batch'], { axis: 0 }),
    node('Gather', ['shape', 'one'], ['steps'], { axis: 0 }),
    node('Unsqueeze', ['batch', 'first'], ['batch1']),
    node('Unsqueeze', ['steps', 'first'], ['steps1']),
    node('Concat', ['batch1', 'steps1', 'heads', 'size'], ['headed'], { axis: 0 }),
    ...['q', 'k', 'v'].flatMap(split),
    node('Transpose', ['r_q'], ['t_q'], { perm: [0, 2, 1, 3] }),
    node('Transpose', ['r_k'], ['t_k'], { perm: [0, 2, 3, 1] }),
    node('Transpose', ['r_v'], ['t_v'], { perm: [0, 2, 1, 3] }),
    node('Shape', ['t_q'], ['q_shape']),
    node('Slice', ['q_shape', 'last', 'end', 'first'], ['q_size']),
    node('Cast', ['q_size'], ['q_float'], { to: DataType.FLOAT }),
    node('Sqrt', ['q_float'], ['root']),
    node('MatMul', ['t_q', 't_k'], ['product']),
    node('Div', ['product', 'root'], ['scores']),
    node('Slice', ['ahead', 'zero1', 'steps1', 'one1'], ['columns']),
    node('Slice', ['columns', 'zero1', 'steps1', 'two1'], ['blocked']),
    node('Where', ['blocked', 'lowest', 'scores'], ['masked']),
    node('Softmax', ['masked'], ['shares'], { axis: -1 }),
    node('MatMul', ['shares', 't_v'], ['heads_y']),
    node('Transpose', ['heads_y'], ['turned'], { perm: [0, 2, 1, 3] }),
    node('Concat', ['batch1', 'steps1', 'flat'], ['whole'], { axis: 0 }),
    node('Reshape', ['turned', 'whole'], ['joined']),
    node('MatMul', ['joined', 'w_o'], ['y']),
  ];
  const initializers = [
    ...['q', 'k', 'v', 'o'].map((name) => weight(`w_${name}`, [6, 6])),
    ...['q', 'k', 'v'].map((name) => weight(`b_${name}`, [6])),
    scalar('zero', 0),
    scalar('one', 1),
    list('first', 0),
    list('heads', 2),
    list('size', 3),
    list('flat', 6),
    list('last', -1),
    list('end', 9223372036854775000),
    list('zero1', 0),
    list('one1', 2),
    list('two1', 3),
    makeTensor(
      'ahead',
      DataType.BOOL,
      [1, 1, 8, 8],
      [...Array(64).keys()].map((i) => (i % 8 > i / 8 ? 1 : 0)),
    ),
    makeTensor('lowest', DataType.FLOAT, [], [-3.4028234663852886e38]),
  ];
  return model(['batch', 5, 6], nodes, initializers);
}

it('is trained as exporters write it, of parts, and equals the operator', async () => {
  const network = buildNetwork(exported());
  const x = tf.tensor(randomStream('x').normals(2 * 5 * 6), [2, 5, 6]);
  const weights = (name: string) => tf.tensor(network.parameters.get(name)!.values, [6, 6]);
  const project = (name: string) =>
    tf
      .matMul(x.reshape([10, 6]), weights(`w_${name}`))
      .add(tf.tensor(network.parameters.get(`b_${name}`)!.values))
      .reshape([2, 5, 6]);
  const attention = makeGraph({
    nodes: [makeNode('Attention', ['q', 'k', 'v'], ['y'], { q_num_heads: 2, kv_num_heads: 2, is_causal: 1 })],
    inputs: ['q', 'k', 'v'].map((name) => tensorInfo(name, DataType.FLOAT, [2, 5, 6])),
    outputs: [{ name: 'y' }],
  });
  const parts = Object.fromEntries(['q', 'k', 'v'].map((name) => [name, project(name)]));
  const whole = buildNetwork(makeModel(attention, { opset: 23 })).forward({}, parts).outputs.y!;
  const expected = tf.matMul(whole.reshape([10, 6]), weights('w_o')).dataSync();

  const compiled = await compileFunction(
    (given) => {
      const loss = (w: tf.Tensor) =>
        network.forward({ w_q: w }, { x: given.x! }).outputs.y!.square().sum() as tf.Scalar;
      return { ...network.forward({}, { x: given.x! }).outputs, slope: tf.grad(loss)(given.w_q!) };
    },
    [
      { name: 'x', shape: [2, 5, 6], dtype: 'float32' },
      { name: 'w_q', shape: [6, 6], dtype: 'float32' },
    ],
    { threads: 1 },
  );
  const { y, slope } = await compiled.run({
    x: float32([2, 5, 6], x.dataSync() as Float32Array),
    w_q: float32([6, 6], network.parameters.get('w_q')!.values),
  });
  await compiled.release();
  expected.forEach((value, i) => void expect(Number(y!.data[i])).toBeCloseTo(value, 4));
  expect(Math.max(...(slope!.data as Float32Array).map(Math.abs))).toBeGreaterThan(0.01);
  expect([...network.parameters.values()].filter(({ crossbar }) => crossbar).map(({ name }) => name)).toEqual(
    ['w_q', 'w_k', 'w_v', 'w_o'],
  );
});
