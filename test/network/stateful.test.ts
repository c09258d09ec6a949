import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../../src/network/network.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType } from '../../src/onnx/model.js';
import { randomStream } from '../../src/random/stream.js';

beforeAll(() => tf.setBackend('cpu'));

type Inputs = Readonly<Record<string, tf.Tensor | undefined>>;

/** Both outputs of the node; absent inputs are undefined, in their place. */
function run(type: string, inputs: Inputs, attributes: Record<string, AttributeValue>): tf.Tensor[] {
  const given = Object.entries(inputs).filter(
    (entry): entry is [string, tf.Tensor] => entry[1] !== undefined,
  );
  const names = Object.keys(inputs).map((name) => (inputs[name] ? name : ''));
  const graph = makeGraph({
    nodes: [makeNode(type, names, ['y', 'state'], attributes)],
    inputs: given.map(([name, { shape }]) => tensorInfo(name, DataType.FLOAT, shape)),
    outputs: [{ name: 'y' }, { name: 'state' }],
  });
  const { outputs } = buildNetwork(makeModel(graph, { opset: 27 })).forward({}, Object.fromEntries(given));
  return [outputs.y!, outputs.state!];
}

function values(name: string, ...shape: number[]): tf.Tensor {
  return tf.tensor(randomStream(name).normals(shape.reduce((a, b) => a * b, 1)), shape);
}

function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  const flat = [...actual.dataSync()];
  expect(flat.length).toBe(expected.length);
  expected.forEach((value, i) => void expect(flat[i]).toBeCloseTo(value, 4));
}

describe('CausalConvWithState', () => {
  const [x, w, b] = [values('x', 1, 2, 5), values('w', 2, 1, 3), values('b', 2)];

  it('weighs each step and those before it', () => {
    const [y] = run('CausalConvWithState', { x, w, b }, { activation: 'swish' });
    const at = (c: number, t: number) => (t < 0 ? 0 : x.dataSync()[c * 5 + t]!);
    const expected = [0, 1].flatMap((c) =>
      [0, 1, 2, 3, 4].map((t) => {
        const sum = [0, 1, 2].reduce((total, k) => total + w.dataSync()[c * 3 + k]! * at(c, t + k - 2), 0);
        const z = sum + b.dataSync()[c]!;
        return z / (1 + Math.exp(-z));
      }),
    );
    expectClose(y!, expected);
  });

  it('gives piece by piece what it gives of the whole', () => {
    const [whole, last] = run('CausalConvWithState', { x, w, b }, {});
    const [first, state] = run('CausalConvWithState', { x: x.slice([0, 0, 0], [1, 2, 1]), w, b }, {});
    const [rest, end] = run(
      'CausalConvWithState',
      { x: x.slice([0, 0, 1], [1, 2, 4]), w, b, past: state },
      {},
    );
    expectClose(tf.concat([first!, rest!], 2), [...whole!.dataSync()]);
    expectClose(end!, [...last!.dataSync()]);
  });

  it('refuses a state of another length', () => {
    const inputs = { x, w, b, past: values('s', 1, 2, 3) };
    expect(() => run('CausalConvWithState', inputs, {})).toThrow(/past_state is \[1,2,3\] where \[1,2,2\]/);
  });
});

describe.each(['linear', 'gated', 'delta', 'gated_delta'])('LinearAttention, %s', (rule) => {
  const [steps, size, width] = [3, 2, 3];
  const decays = rule.startsWith('gated');
  const corrects = rule.endsWith('delta');
  const inputs = {
    query: values('q', 1, steps, 4 * size),
    key: values('k', 1, steps, 2 * size),
    value: values('v', 1, steps, 2 * width),
    past_state: values('s', 1, 2, size, width),
    decay: decays ? values('g', 1, steps, 2) : undefined,
    beta: corrects ? values('b', 1, steps, 2) : undefined,
  };
  const attributes = { q_num_heads: 4, kv_num_heads: 2, update_rule: rule };

  /** The recurrence of the specification, number by number. */
  function recurrence(): { y: number[]; state: number[] } {
    const read = (x: tf.Tensor | undefined, i: number) => x?.dataSync()[i] ?? 0;
    const state = [...inputs.past_state.dataSync()];
    const y: number[] = Array(steps * 4 * width).fill(0);
    for (let t = 0; t < steps; t++)
      for (let h = 0; h < 2; h++) {
        const at = (d: number, m: number) => (h * size + d) * width + m;
        const k = (d: number) => read(inputs.key, (t * 2 + h) * size + d);
        if (decays)
          for (let i = at(0, 0); i < at(size, 0); i++) state[i]! *= Math.exp(read(inputs.decay, t * 2 + h));
        for (let m = 0; m < width; m++) {
          let change = read(inputs.value, (t * 2 + h) * width + m);
          if (corrects) {
            for (let d = 0; d < size; d++) change -= state[at(d, m)]! * k(d);
            change *= read(inputs.beta, t * 2 + h);
          }
          for (let d = 0; d < size; d++) state[at(d, m)]! += k(d) * change;
          for (const query of [2 * h, 2 * h + 1])
            for (let d = 0; d < size; d++)
              y[(t * 4 + query) * width + m]! +=
                (read(inputs.query, (t * 4 + query) * size + d) * state[at(d, m)]!) / Math.sqrt(size);
        }
      }
    return { y, state };
  }

  it('runs the recurrence of the specification', () => {
    const [y, state] = run('LinearAttention', inputs, attributes);
    const expected = recurrence();
    expect(y!.shape).toEqual([1, steps, 4 * width]);
    expectClose(y!, expected.y);
    expectClose(state!, expected.state);
  });

  it('refuses what the rule does not take', () => {
    const without = { ...inputs, beta: corrects ? undefined : values('b', 1, steps, 2) };
    expect(() => run('LinearAttention', without, attributes)).toThrow(new RegExp(`update_rule "${rule}"`));
  });
});
