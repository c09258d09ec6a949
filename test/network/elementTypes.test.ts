/**
 * Integers and truth values as data, from the network's inputs: what onnxruntime gives, compiled and on tfjs's cpu backend.
 * Of types for which onnxruntime has no kernel, it is asked for the same in int64.
 */
import { describe, expect, it } from 'vitest';
import { compileFunction, type TensorFunction } from '../../src/compile/index.js';
import { dtypeOf } from '../../src/network/constants.js';
import { buildNetwork } from '../../src/network/network.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';
import type { HostTensor } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { runOnCpu } from '../compile/reference.js';

const types = { bool: DataType.BOOL, uint8: DataType.UINT8, int32: DataType.INT32, int64: DataType.INT64 };
type TypeName = keyof typeof types;

/** A shape of data of the type at hand, or of indices below a number, or an operand that is stored. */
type Input =
  | readonly number[]
  | { below: number; shape: readonly number[] }
  | { stored: readonly number[]; shape?: readonly number[] }
  | { condition: readonly number[] };

interface Case {
  inputs: readonly Input[];
  attributes?: Record<string, AttributeValue>;
  opset?: number;
  outputs?: number;
  /** Default: all. */
  of?: readonly TypeName[];
}

const all: readonly TypeName[] = ['bool', 'uint8', 'int32', 'int64'];
const numeric: readonly TypeName[] = ['int32', 'int64'];
const extremes: readonly TypeName[] = ['bool', 'uint8', 'int32', 'int64'];

const cases: Record<string, Case[]> = {
  Gather: [{ inputs: [[3, 4], { below: 4, shape: [2, 2] }], attributes: { axis: 1 } }],
  GatherElements: [{ inputs: [[3, 4], { below: 3, shape: [2, 4] }] }],
  GatherND: [{ inputs: [[2, 3, 4], { below: 3, shape: [2, 2, 1] }], attributes: { batch_dims: 1 } }],
  ScatterElements: [
    { inputs: [[3, 4], { below: 1, shape: [1, 4] }, [1, 4]] },
    { inputs: [[3, 4], { below: 3, shape: [3, 4] }, [3, 4]], attributes: { reduction: 'add' }, of: numeric },
    { inputs: [[3, 4], { below: 3, shape: [3, 4] }, [3, 4]], attributes: { reduction: 'max' }, of: numeric },
  ],
  ScatterND: [
    { inputs: [[3, 4], { below: 1, shape: [1, 1] }, [1, 4]] },
    { inputs: [[3, 4], { below: 3, shape: [5, 2] }, [5]], attributes: { reduction: 'mul' }, of: numeric },
    { inputs: [[3, 4], { below: 3, shape: [5, 1] }, [5, 4]], attributes: { reduction: 'min' }, of: numeric },
  ],
  Where: [{ inputs: [{ condition: [3, 1] }, [3, 4], [4]] }],
  OneHot: [{ inputs: [{ below: 4, shape: [3] }, { stored: [4], shape: [] }, [2]], attributes: { axis: 0 } }],
  Compress: [{ inputs: [[3, 4], { stored: [1, 0, 1] }], attributes: { axis: 0 } }],
  Trilu: [{ inputs: [[2, 3, 3], { below: 2, shape: [] }], attributes: { upper: 0 } }],
  ReverseSequence: [{ inputs: [[4, 3], { below: 4, shape: [3] }] }],
  TopK: [{ inputs: [[3, 4], { stored: [2] }], outputs: 2, of: numeric }],
  ArgMax: [{ inputs: [[3, 4]], attributes: { select_last_index: 1, axis: 1 }, of: ['uint8', 'int32'] }],
  ArgMin: [{ inputs: [[3, 4]], attributes: { keepdims: 0 }, of: ['uint8', 'int32'] }],
  CumSum: [{ inputs: [[3, 4], { stored: [1], shape: [] }], attributes: { reverse: 1 }, of: numeric }],
  ReduceMax: [
    { inputs: [[3, 4], { stored: [1] }], of: extremes },
    { inputs: [[3, 0], { stored: [1] }], of: ['int32'] },
  ],
  ReduceMin: [
    { inputs: [[3, 4], { stored: [0] }], of: extremes },
    { inputs: [[3, 0], { stored: [1] }], of: ['int32'] },
  ],
  ReduceSum: [
    { inputs: [[3, 4], { stored: [1] }], of: numeric },
    { inputs: [[2, 0], { stored: [1] }], of: numeric },
  ],
  ReduceMean: [{ inputs: [[3, 4], { stored: [1] }], of: ['int32'] }],
  ReduceProd: [
    { inputs: [[3, 4], { stored: [1] }], of: numeric },
    { inputs: [[2, 0], { stored: [1] }], of: numeric },
  ],
  ReduceL1: [{ inputs: [[3, 4], { stored: [1] }], of: ['int32'] }],
  ReduceL2: [{ inputs: [[3, 4], { stored: [1] }], of: ['int32'] }],
  ReduceSumSquare: [{ inputs: [[3, 4], { stored: [1] }], of: numeric }],
  Concat: [
    {
      inputs: [
        [2, 3],
        [2, 0],
        [2, 1],
      ],
      attributes: { axis: 1 },
    },
  ],
  Split: [{ inputs: [[2, 4], { stored: [1, 0, 3] }], attributes: { axis: 1 }, outputs: 3 }],
  Slice: [{ inputs: [[3, 4], { stored: [-1] }, { stored: [-9] }, { stored: [1] }, { stored: [-2] }] }],
  Pad: [
    { inputs: [[2, 3], { stored: [1, 0, 0, 2] }, []] },
    { inputs: [[2, 3], { stored: [1, 1, 1, 2] }], attributes: { mode: 'reflect' } },
    { inputs: [[2, 3], { stored: [0, -1, 1, 2] }], attributes: { mode: 'edge' } },
  ],
  Tile: [{ inputs: [[2, 3], { stored: [2, 2] }] }, { inputs: [[2, 3], { stored: [0, 2] }] }],
  Expand: [{ inputs: [[2, 1], { stored: [3, 1, 4] }] }, { inputs: [[2, 1], { stored: [2, 0] }] }],
  Squeeze: [{ inputs: [[2, 1, 3]] }],
};

const rows = Object.entries(cases).flatMap(([opType, forms]) =>
  forms.flatMap((form, i) => (form.of ?? all).map((type) => [`${opType} ${i}`, type, opType, form] as const)),
);

describe('data of every type', () => {
  it.each(rows)('%s of %s', async (name, type, opType, form) => {
    const { model, feeds } = fileOf(name, opType, form, type);
    const expected = await expectedOf(model, feeds).catch(async () => {
      const wide = fileOf(name, opType, form, type, true);
      return expectedOf(wide.model, wide.feeds);
    });
    const network = buildNetwork(model);
    const fn: TensorFunction = (inputs) => network.forward({}, inputs).outputs;
    const kept = Object.fromEntries(Object.entries(feeds).map(([input, host]) => [input, keptAs(host)]));
    const specs = Object.entries(kept).map(([input, { type: dtype, dims }]) => ({
      name: input,
      shape: dims,
      dtype: dtype as 'int32',
    }));
    const program = await compileFunction(fn, specs, { threads: 1 });
    const compiled = await program.run(kept);
    await program.release();
    for (const actual of [compiled, runOnCpu(fn, kept)]) {
      for (const [output, { dims, data }] of Object.entries(expected)) {
        expect(actual[output]!.dims, output).toEqual(dims);
        expect(Array.from(actual[output]!.data, Number), output).toEqual(Array.from(data, Number));
      }
    }
  });
});

/** @param widened  the values as int64 */
function fileOf(name: string, opType: string, form: Case, type: TypeName, widened = false) {
  const feeds: Record<string, HostTensor> = {};
  const names = form.inputs.map((_, i) => `x${i}`);
  const stored = form.inputs.flatMap((input, i) => {
    if (!('stored' in input)) {
      const data = drawn(`${name} ${i}`, input, type);
      const wide = widened && !('condition' in input);
      feeds[names[i]!] = wide ? host('int64', data.dims, Array.from(data.data, Number)) : data;
      return [];
    }
    const operand = opType === 'Compress' ? DataType.BOOL : DataType.INT64;
    return [makeTensor(names[i]!, operand, input.shape ?? [input.stored.length], [...input.stored])];
  });
  const outputs = [...Array(form.outputs ?? 1).keys()].map((i) => `y${i}`);
  const graph = makeGraph({
    nodes: [makeNode(opType, names, outputs, form.attributes ?? {})],
    initializers: stored,
    inputs: Object.entries(feeds).map(([input, host]) =>
      tensorInfo(input, types[host.type as TypeName], [...host.dims]),
    ),
    outputs: outputs.map((output) => ({ name: output })),
  });
  return { model: makeModel(graph, { opset: form.opset ?? 21, irVersion: 10 }), feeds };
}

function drawn(key: string, input: Exclude<Input, { stored: unknown }>, type: TypeName): HostTensor {
  const shape = 'condition' in input ? input.condition : 'below' in input ? input.shape : input;
  const size = shape.reduce((product, extent) => product * extent, 1);
  if ('below' in input) return host('int64', shape, randomStream(key).integers(size, input.below));
  const codes = Array.from(randomStream(key).integers(size, 7));
  if ('condition' in input || type === 'bool')
    return host(
      'bool',
      shape,
      codes.map((code) => code % 2),
    );
  return host(type, shape, type === 'uint8' ? codes : codes.map((code) => code - 3));
}

function host(type: TypeName, dims: readonly number[], values: ArrayLike<number>): HostTensor {
  const list = Array.from(values);
  const arrays = {
    bool: () => Uint8Array.from(list),
    uint8: () => Uint8Array.from(list),
    int32: () => Int32Array.from(list),
    int64: () => BigInt64Array.from(list, BigInt),
  };
  return { type, dims, data: arrays[type]() };
}

function keptAs({ type, dims, data }: HostTensor): HostTensor {
  const dtype = dtypeOf(types[type as TypeName]);
  return dtype === 'bool' ? { type: 'bool', dims, data } : host('int32', dims, Array.from(data, Number));
}

async function expectedOf(model: Model, feeds: Record<string, HostTensor>) {
  const session = await openSession(encodeModel(model), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
