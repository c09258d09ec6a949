/** An operator's example as a model of one node: values drawn for its shapes, floats as graph inputs, the rest stored. */

import type { Operator } from '../../src/network/operator.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';
import type { Example, ExampleInput } from './example.js';

export interface FloatInput {
  name: string;
  shape: number[];
  values: Float32Array;
}

export interface OneNode {
  model: Model;
  floats: FloatInput[];
}

const newest = 22;

export function oneNode(operator: Operator, example: Example): OneNode {
  const floats: FloatInput[] = [];
  const initializers: Tensor[] = [];
  const names = example.inputs.map((input, i) => {
    if (input === null) return '';
    const name = `input_${i}`;
    const constant = stored(name, input);
    if (constant) initializers.push(constant);
    else floats.push(drawn(`${operator.type} ${JSON.stringify(example)}`, name, input as number[]));
    return name;
  });
  const outputs = [...Array(example.outputs ?? 1).keys()].map((i) => `output_${i}`);
  const attributes = (example.attributes ?? {}) as Record<string, AttributeValue>;
  const graph = makeGraph({
    nodes: [makeNode(operator.type, names, outputs, attributes)],
    initializers,
    inputs: floats.map(({ name, shape }) => tensorInfo(name, DataType.FLOAT, shape)),
    outputs: outputs.map((name) => ({ name })),
  });
  return { model: makeModel(graph, { opset: example.opset ?? newest, irVersion: 10 }), floats };
}

/** Operands that are constants of the file: integers, truth values, codes, and floats that are no data. */
function stored(name: string, input: NonNullable<ExampleInput>): Tensor | undefined {
  if ('ints' in input) {
    const { ints } = input;
    const dims = typeof ints === 'number' ? [] : [...(input.shape ?? [ints.length])];
    const type = input.type === 'int32' ? DataType.INT32 : DataType.INT64;
    return makeTensor(name, type, dims, typeof ints === 'number' ? [ints] : [...ints]);
  }
  if ('numbers' in input)
    return makeTensor(name, DataType.FLOAT, input.shape ?? [input.numbers.length], [...input.numbers]);
  if ('bools' in input)
    return makeTensor(name, DataType.BOOL, input.shape ?? [input.bools.length], [...input.bools]);
  if ('bytes' in input) {
    const size = sizeOf(input.shape);
    const codes = input.codes ? [...input.codes] : [...randomStream('codes', name).integers(size, 120)];
    return makeTensor(name, input.bytes === 'int8' ? DataType.INT8 : DataType.UINT8, input.shape, codes);
  }
  if ('between' in input && input.gradient === false) {
    const { shape, values } = drawn(name, name, input);
    return makeTensor(name, DataType.FLOAT, shape, values);
  }
  return undefined;
}

/**
 * Distinct values, evenly spread and shuffled, off zero and off those of other inputs: no kink is near, nothing ties,
 * and sums do not cancel.
 */
function drawn(key: string, name: string, input: ExampleInput): FloatInput {
  const ranged = input !== null && 'between' in input;
  const shape = [...(ranged ? input.shape : (input as number[]))];
  const { between = [-1.8, 2.2], clearOf = [], places = sizeOf(shape) } = ranged ? input : {};
  const at = valueAt(between, clearOf);
  const offset = 0.3 + 0.1 * Number(name.slice(-1));
  const taken = randomStream(key, name).permutation(places).subarray(0, sizeOf(shape));
  return { name, shape, values: Float32Array.from(taken, (place) => at((place + offset) / places)) };
}

/** How far values keep from a kink: ten steps of the finite differences. */
const clearance = 0.02;

/** From a fraction of the range to a value: the line with a gap at each kink. */
function valueAt([low, high]: readonly [number, number], kinks: readonly number[]) {
  const gaps = kinks.filter((kink) => kink > low && kink < high).sort((a, b) => a - b);
  const starts = [low, ...gaps.map((kink) => kink + clearance)];
  const ends = [...gaps.map((kink) => kink - clearance), high];
  const lengths = starts.map((start, i) => Math.max(0, ends[i]! - start));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return (fraction: number): number => {
    let rest = fraction * total;
    const segment = lengths.findIndex((length, i) => {
      if (rest < length || i === lengths.length - 1) return true;
      rest -= length;
      return false;
    });
    return starts[segment]! + rest;
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
