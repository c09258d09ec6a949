/**
 * Random small graphs with fixed batches: with another batch an example's outputs are those that onnxruntime gives for the
 * file in its own, or the file is refused. Never silently others.
 */
import { expect, it } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { type RandomStream, randomStream } from '../../../src/random/stream.js';
import { expectSamePerExample } from './exampleWise.js';

const graphs = 150;

it(`${graphs} graphs`, async () => {
  const outcomes = { same: 0, refused: 0, 'not run': 0 };
  for (let i = 0; i < graphs; i++) {
    const key = `graph ${i}`;
    const outcome = await expectSamePerExample(new Draw(randomStream('batch', key)).model(), key).catch(
      (cause) => {
        throw new Error(`${key}: ${cause.message}`, { cause });
      },
    );
    outcomes[typeof outcome === 'string' ? outcome : 'refused']++;
  }
  if (process.env.SHOW) console.log(outcomes);
  // Neither outcome is rare, and most of what is drawn is a model.
  expect(outcomes.same).toBeGreaterThan(graphs / 5);
  expect(outcomes.refused).toBeGreaterThan(graphs / 5);
  expect(outcomes['not run']).toBeLessThan(graphs / 10);
});

interface Value {
  name: string;
  shape: number[];
}

/** A chain of a few operators, each fitting the shape that the file has there. */
class Draw {
  readonly #nodes: Node[] = [];
  readonly #stored: Tensor[] = [];
  #drawn = 0;

  constructor(private readonly random: RandomStream) {}

  model(): Model {
    const batch = this.pick([1, 1, 1, 2, 3, 5, 7]);
    const rest = this.pick([[4], [3], [1], [2, 4], [3, 5], [5, 3], [1, 7], [2, 3, 4], [3, 4, 4]]);
    let value: Value = { name: 'x', shape: [batch, ...rest] };
    const steps = 1 + this.below(4);
    for (let step = 0; step < steps; step++) value = this.step(value);
    this.#nodes.push(makeNode('Identity', [value.name], ['y']));
    const graph = makeGraph({
      nodes: this.#nodes,
      initializers: this.#stored,
      inputs: [tensorInfo('x', DataType.FLOAT, [batch, ...rest])],
      outputs: [tensorInfo('y', DataType.FLOAT)],
    });
    return makeModel(graph, { opset: 17, irVersion: 8 });
  }

  private step(x: Value): Value {
    const { shape } = x;
    const rank = shape.length;
    const axis = this.below(rank);
    const one = (list: number[]) => list.map((extent, i) => (i === axis ? 1 : extent));
    const steps: (() => Value)[] = [
      () => this.add('Relu', [x], shape),
      () =>
        this.add(
          'Add',
          [x, this.weights(this.pick([shape, shape.slice(1), shape.slice(-1), one(shape)]))],
          shape,
        ),
      () => this.add('Mul', [x, x], shape),
      () => this.add('Softmax', [x], shape, { axis }),
      () => this.add('ReduceMean', [x], one(shape), { axes: [axis], keepdims: 1 }),
      () =>
        this.add('Sub', [x, this.add('ReduceMax', [x], one(shape), { axes: [axis], keepdims: 1 })], shape),
      () => {
        const perm = [...this.random.permutation(rank)];
        return this.add(
          'Transpose',
          [x],
          perm.map((i) => shape[i]!),
          { perm },
        );
      },
      () => this.reshaped(x),
      () => this.reshaped(x),
      () => this.add('Flatten', [x], [size(shape.slice(0, axis)), size(shape.slice(axis))], { axis }),
      () => this.add('MatMul', [x, this.weights([shape.at(-1)!, 3])], [...shape.slice(0, -1), 3]),
      () =>
        this.add(
          'Concat',
          [x, x],
          shape.map((extent, i) => (i === axis ? 2 * extent : extent)),
          { axis },
        ),
      () => {
        const insert = this.below(rank + 1);
        return this.add(
          'Unsqueeze',
          [x, this.integers([insert])],
          [...shape.slice(0, insert), 1, ...shape.slice(insert)],
        );
      },
      () => {
        const at = shape.indexOf(1);
        if (at < 0 || rank < 2) return this.add('Neg', [x], shape);
        return this.add(
          'Squeeze',
          [x, this.integers([at])],
          shape.filter((_, i) => i !== at),
        );
      },
      () => {
        const end = this.pick([shape[axis]!, 2 ** 31 - 1, Math.max(1, shape[axis]! - 1)]);
        const result = shape.map((extent, i) => (i === axis ? Math.min(extent, end) : extent));
        return this.add(
          'Slice',
          [x, this.integers([0]), this.integers([end]), this.integers([axis])],
          result,
        );
      },
      () => this.add('Gather', [x, this.integers([0])], one(shape), { axis }),
      () => this.add('CumSum', [x, this.integers([axis])], shape),
      () => {
        const pads = [...shape, ...shape].map((_, i) => (i === axis ? 1 : 0));
        return this.add(
          'Pad',
          [x, this.integers(pads)],
          shape.map((extent, i) => (i === axis ? extent + 1 : extent)),
        );
      },
      () => {
        const repeats = shape.map((_, i) => (i === axis ? 2 : 1));
        return this.add(
          'Tile',
          [x, this.integers(repeats)],
          shape.map((extent, i) => extent * repeats[i]!),
        );
      },
      () => this.add('Expand', [x, this.integers(shape)], shape),
      () => {
        const shapeOf = this.add('Shape', [x], [rank]);
        return this.add('Reshape', [x, shapeOf], shape);
      },
      () => {
        const counted = this.add('Cast', [this.add('Size', [x], [])], [], { to: DataType.FLOAT });
        return this.add('Div', [x, counted], shape);
      },
      () =>
        rank < 2
          ? this.add('Abs', [x], shape)
          : this.add('LayerNormalization', [x, this.weights(shape.slice(-1))], shape),
      () => {
        if (rank !== 3) return this.add('Tanh', [x], shape);
        return this.add('Conv', [x, this.weights([2, shape[1]!, 1])], [shape[0]!, 2, shape[2]!]);
      },
    ];
    return this.pick(steps)();
  }

  /** To what a file with this batch might say: the last two axes joined, or the first two, or split, or all. */
  private reshaped(x: Value): Value {
    const { shape } = x;
    const [first = 1, second = 1, ...rest] = shape;
    const whole = size(shape);
    const asked = this.pick([
      [first, -1],
      [-1, shape.at(-1)!],
      [0, -1],
      [-1],
      [1, whole],
      [first * second, ...rest],
      [second, first, ...rest],
    ]);
    const known = asked.map((extent) => (extent === 0 ? first : extent));
    const others = size(known.filter((extent) => extent !== -1));
    return this.add(
      'Reshape',
      [x, this.integers(asked)],
      known.map((extent) => (extent === -1 ? whole / others : extent)),
    );
  }

  private add(opType: string, inputs: Value[], shape: number[], attributes: object = {}): Value {
    const name = `v${this.#nodes.length}`;
    this.#nodes.push(
      makeNode(
        opType,
        inputs.map((input) => input.name),
        [name],
        attributes as never,
      ),
    );
    return { name, shape };
  }

  private weights(shape: number[]): Value {
    const name = `w${this.#stored.length}`;
    this.#stored.push(
      makeTensor(name, DataType.FLOAT, shape, this.random.normals(size(shape), 1000 * this.#stored.length)),
    );
    return { name, shape };
  }

  private integers(values: number[]): Value {
    const name = `i${this.#stored.length}`;
    this.#stored.push(makeTensor(name, DataType.INT64, [values.length], values));
    return { name, shape: [values.length] };
  }

  private below(count: number): number {
    return this.random.integers(1, count, this.#drawn++)[0]!;
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
