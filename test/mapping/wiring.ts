/**
 * Random networks in which stored values meet activations in every way that exporters and optimizers have found. Whoever wires a
 * value knows what it is, so the classification is held against that, not against itself.
 */
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type LocalFunction, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

const { FLOAT, INT64, INT8 } = DataType;
export const width = 6;

/** `weight`: on a crossbar; `free`: a weight without a place on one; `harmless`: no weight; `dead`: no output needs it. */
export type Truth = 'weight' | 'free' | 'harmless' | 'dead';

export interface Wired {
  readonly model: Model;
  /** Of every stored value, by name. */
  readonly truths: ReadonlyMap<string, Truth>;
  readonly kinds: readonly string[];
}

export class Wiring {
  readonly nodes: Node[] = [];
  readonly initializers: Tensor[] = [];
  readonly sparse: { values: Tensor; indices: Tensor; dims: number[] }[] = [];
  readonly functions: LocalFunction[] = [];
  readonly truths = new Map<string, Truth>();
  #count = 0;
  #random: () => number;

  constructor(seed: number) {
    const numbers = randomStream('test/wiring', seed).normals(4096);
    let at = 0;
    this.#random = () => numbers[at++ % numbers.length]!;
  }

  /** 0 <= n < end */
  below(end: number): number {
    return Math.floor(Math.abs(this.#random()) * 1000) % end;
  }

  name(): string {
    return `v${this.#count++}`;
  }

  /** A stored tensor, as initializer or Constant. */
  stored(dims: readonly number[], truth: Truth): string {
    const name = this.name();
    this.truths.set(name, truth);
    const size = dims.reduce((product, extent) => product * extent, 1);
    const tensor = makeTensor(
      name,
      FLOAT,
      dims,
      Float32Array.from({ length: size }, () => 0.5 * this.#random() + 0.1),
    );
    if (this.below(2) === 0) this.initializers.push(tensor);
    else this.nodes.push(makeNode('Constant', [], [name], { value: { tensor: { ...tensor, name: '' } } }));
    return name;
  }

  integers(...values: number[]): string {
    const name = this.name();
    this.truths.set(name, 'harmless');
    this.initializers.push(makeTensor(name, INT64, [values.length], values.map(BigInt)));
    return name;
  }

  number(value: number): string {
    const name = this.name();
    this.truths.set(name, 'harmless');
    this.initializers.push(makeTensor(name, FLOAT, [], [value]));
    return name;
  }

  add(
    type: string,
    inputs: readonly string[],
    attributes: Parameters<typeof makeNode>[3] = {},
    domain = '',
  ): string {
    const name = this.name();
    this.nodes.push(
      makeNode(type, inputs, [name], attributes, { domain, ...(this.below(2) ? { name: `n_${name}` } : {}) }),
    );
    return name;
  }

  /** The mean of each example, which nothing else tells. */
  pooled(x: string): string {
    return this.add('ReduceMean', [x, this.integers(1)], { keepdims: 1 });
  }

  codes(dims: readonly number[], truth: Truth): string {
    const [codes, scale] = [this.name(), this.name()];
    this.truths.set(codes, truth).set(scale, 'harmless');
    const size = dims.reduce((product, extent) => product * extent, 1);
    this.initializers.push(
      makeTensor(
        codes,
        INT8,
        dims,
        Int8Array.from({ length: size }, () => 40 * this.#random()),
      ),
    );
    this.initializers.push(makeTensor(scale, FLOAT, [], [0.02]));
    return this.add('DequantizeLinear', [codes, scale]);
  }
}

type Kind = (w: Wiring, x: string) => string;

const square = [width, width];
const branch = (nodes: Node[], initializers: Tensor[], output: string) => ({
  graph: makeGraph({ nodes, initializers, inputs: [], outputs: [tensorInfo(output, FLOAT)] }),
});

/** Every one takes and gives [N, width]. */
export const kinds: Readonly<Record<string, Kind>> = {
  // On crossbars.
  matMul: (w, x) => w.add('MatMul', [x, w.stored(square, 'weight')]),
  gemm: (w, x) =>
    w.add('Gemm', [x, w.stored(square, 'weight'), w.stored([width], 'harmless')], { transB: w.below(2) }),
  viewed: (w, x) => w.add('MatMul', [x, w.add('Transpose', [w.stored(square, 'weight')], { perm: [1, 0] })]),
  reshaped(w, x) {
    const shape = w.integers(width, width);
    return w.add('MatMul', [x, w.add('Reshape', [w.stored([width * width], 'weight'), shape])]);
  },
  codes: (w, x) => w.add('MatMul', [x, w.codes(square, 'weight')]),
  twoDequantizers(w, x) {
    const y = w.add('MatMul', [x, w.codes(square, 'weight')]);
    const [codes, scale] = w.nodes.findLast(({ opType }) => opType === 'DequantizeLinear')!.inputs;
    return w.add('MatMul', [y, w.add('DequantizeLinear', [codes!, scale!])]);
  },
  sparse(w, x) {
    const name = w.name();
    w.truths.set(name, 'weight');
    const places = [1, 8, 15, 22, 29, 35];
    w.sparse.push({
      values: makeTensor(
        name,
        FLOAT,
        [places.length],
        places.map((place) => place / 20),
      ),
      indices: makeTensor(`${name}_places`, INT64, [places.length], places.map(BigInt)),
      dims: square,
    });
    return w.add('MatMul', [x, name]);
  },
  convolution(w, x) {
    const picture = w.add('Reshape', [x, w.integers(0, 1, 2, 3)]);
    const y = w.add('Conv', [picture, w.stored([1, 1, 3, 3], 'weight'), w.stored([1], 'harmless')], {
      pads: [1, 1, 1, 1],
    });
    return w.add('Flatten', [y]);
  },
  inBranch(w, x) {
    const [name, y] = [w.name(), w.name()];
    w.truths.set(name, 'weight');
    const value = makeTensor(
      name,
      FLOAT,
      square,
      Float32Array.from({ length: 36 }, (_, i) => Math.sin(i)),
    );
    const condition = w.name();
    w.truths.set(condition, 'harmless');
    w.initializers.push(makeTensor(condition, DataType.BOOL, [], [1]));
    const other = w.name();
    return w.add('If', [condition], {
      then_branch: branch([makeNode('MatMul', [x, name], [y])], [value], y),
      else_branch: branch([makeNode('Identity', [x], [other])], [], other),
    });
  },
  ofFunction(w, x) {
    if (!w.functions.includes(layerFunction)) w.functions.push(layerFunction);
    return w.add('layer', [x, w.stored(square, 'weight')], {}, 'own');
  },
  // Harmless.
  bias: (w, x) => w.add('Add', [x, w.stored([width], 'harmless')]),
  position: (w, x) => w.add('Sub', [x, w.stored([1, width], 'harmless')]),
  scale: (w, x) => w.add(w.below(2) ? 'Mul' : 'Div', [x, w.stored([1, width], 'harmless')]),
  activation: (w, x) => w.add(['Relu', 'Tanh', 'Sigmoid', 'Abs'][w.below(4)]!, [x]),
  slope: (w, x) => w.add('PRelu', [x, w.stored([width], 'harmless')]),
  bounds: (w, x) => w.add('Clip', [x, w.number(-2), w.number(3)]),
  perChannelBound: (w, x) => w.add('Max', [x, w.stored([width], 'harmless')]),
  half: (w, x) => w.add('Mul', [x, w.number(0.5)]),
  layerNormalization: (w, x) =>
    w.add('LayerNormalization', [x, w.stored([width], 'harmless'), w.stored([width], 'harmless')]),
  layerNormalizationWritten(w, x) {
    const centred = w.add('Sub', [x, w.pooled(x)]);
    const variance = w.pooled(w.add('Pow', [centred, w.number(2)]));
    const norm = w.add('Sqrt', [w.add('Add', [variance, w.number(1e-5)])]);
    const scaled = w.add('Mul', [w.add('Div', [centred, norm]), w.stored([width], 'harmless')]);
    return w.add('Add', [scaled, w.stored([width], 'harmless')]);
  },
  rootMeanSquareWritten(w, x) {
    const inverse = w.add('Reciprocal', [
      w.add('Sqrt', [w.add('Add', [w.pooled(w.add('Mul', [x, x])), w.number(1e-5)])]),
    ]);
    return w.add('Mul', [w.add('Mul', [x, inverse]), w.stored([width], 'harmless')]);
  },
  softmaxWritten(w, x) {
    const largest = w.add('ReduceMax', [x, w.integers(1)], { keepdims: 1 });
    const e = w.add('Exp', [w.add('Sub', [x, largest])]);
    return w.add('Div', [e, w.add('ReduceSum', [e, w.integers(1)], { keepdims: 1 })]);
  },
  unitLength: (w, x) =>
    w.add('Div', [x, w.add('Max', [w.add('ReduceL2', [x, w.integers(1)]), w.number(1e-3)])]),
  gelu(w, x) {
    const erf = w.add('Erf', [w.add('Div', [x, w.number(Math.SQRT2)])]);
    return w.add('Mul', [w.add('Mul', [x, w.add('Add', [erf, w.number(1)])]), w.number(0.5)]);
  },
  gate: (w, x) => w.add('Mul', [x, w.add('HardSigmoid', [w.add('MatMul', [x, w.stored(square, 'weight')])])]),
  attention(w, x) {
    const rows = w.add('Reshape', [x, w.integers(0, 2, 3)]);
    const [q, k] = [0, 1].map(() =>
      w.add('Add', [w.add('MatMul', [rows, w.stored([3, 3], 'weight')]), w.stored([3], 'harmless')]),
    );
    const scores = w.add('MatMul', [q!, w.add('Transpose', [k!], { perm: [0, 2, 1] })]);
    const biased = w.add('Add', [w.add('Mul', [scores, w.number(0.58)]), w.stored([1, 2, 2], 'harmless')]);
    return w.add('Flatten', [w.add('MatMul', [w.add('Softmax', [biased], { axis: -1 }), rows])]);
  },
  masked(w, x) {
    const rest = w.add('Less', [x, w.number(0.1)]);
    return w.add('Where', [rest, w.number(-1), x]);
  },
  token(w, x) {
    const rows = w.add('Slice', [w.add('Shape', [x]), w.integers(0), w.integers(1)]);
    const shape = w.add('Concat', [rows, w.integers(2)], { axis: 0 });
    const token = w.add('Expand', [w.stored([1, 2], 'harmless'), shape]);
    const longer = w.add('Concat', [x, token], { axis: 1 });
    return w.add('MatMul', [longer, w.stored([width + 2, width], 'weight')]);
  },
  residual: (w, x) => w.add('Add', [w.add('Relu', [w.add('MatMul', [x, w.stored(square, 'weight')])]), x]),
  rearranged: (w, x) => w.add('Gather', [x, w.integers(5, 3, 1, 0, 2, 4)], { axis: 1 }),
  scaler: (w, x) => attributeNode(w, x, 'Scaler', { offset: 'harmless', scale: 'harmless' }),
  dead(w, x) {
    w.add('Einsum', [x, w.stored(square, 'dead')], { equation: 'ij,jk->ik' });
    return x;
  },
  // Weights without a place on a crossbar.
  computed: (w, x) => w.add('MatMul', [x, w.add('Mul', [w.stored(square, 'free'), w.number(0.7)])]),
  weightNormalization(w, x) {
    const v = w.stored(square, 'free');
    const norm = w.add('ReduceL2', [v, w.integers(0)], { keepdims: 1 });
    return w.add('MatMul', [x, w.add('Mul', [w.add('Div', [v, norm]), w.stored([1, width], 'free')])]);
  },
  joined(w, x) {
    const halves = [0, 1].map(() => w.stored([width, width / 2], 'free'));
    return w.add('MatMul', [x, w.add('Concat', halves, { axis: 1 })]);
  },
  einsum: (w, x) => w.add('Einsum', [x, w.stored(square, 'free')], { equation: 'ij,jk->ik' }),
  productAndSum(w, x) {
    const wide = w.add('Unsqueeze', [x, w.integers(1)]);
    return w.add('ReduceSum', [w.add('Mul', [wide, w.stored(square, 'free')]), w.integers(-1)], {
      keepdims: 0,
    });
  },
  dotProduct(w, x) {
    // Behind a layer at once, the scale could be part of the layer's weights.
    const bent = w.add('Tanh', [x]);
    const dot = w.add('ReduceSum', [w.add('Mul', [bent, w.stored([width], 'free')]), w.integers(1)], {
      keepdims: 1,
    });
    return w.add('Add', [bent, dot]);
  },
  dotProductBehindAdd(w, x) {
    const scaled = w.add('Add', [
      w.add('Mul', [w.stored([1, width], 'free'), w.add('Softplus', [x])]),
      w.stored([width], 'harmless'),
    ]);
    return w.add('Mul', [w.add('Sigmoid', [w.pooled(scaled)]), x]);
  },
  distances(w, x) {
    const apart = w.add('Sub', [w.add('Unsqueeze', [x, w.integers(1)]), w.stored(square, 'free')]);
    const size = w.below(2) ? w.add('Abs', [apart]) : w.add('Mul', [apart, apart]);
    return w.add('Neg', [w.add('ReduceSum', [size, w.integers(2)], { keepdims: 0 })]);
  },
  largestSum(w, x) {
    const sums = w.add('Add', [w.add('Unsqueeze', [x, w.integers(1)]), w.stored(square, 'free')]);
    return w.add('ReduceMax', [sums, w.integers(2)], { keepdims: 0 });
  },
  chosenRows: (w, x) =>
    w.add('Add', [
      x,
      w.add('Gather', [w.stored(square, 'free'), w.add('ArgMax', [x], { axis: 1, keepdims: 0 })]),
    ]),
  chosenWeights(w, x) {
    const one = w.add('Greater', [w.add('ReduceMax', [x], { keepdims: 0 }), w.number(0)]);
    return w.add('MatMul', [x, w.add('Where', [one, w.stored(square, 'free'), w.stored(square, 'free')])]);
  },
  chosenBranch(w, x) {
    const condition = w.add('Greater', [w.add('ReduceMax', [x], { keepdims: 0 }), w.number(0)]);
    const names = [w.name(), w.name()];
    const [then_branch, else_branch] = names.map((name) => {
      w.truths.set(name, 'free');
      const value = makeTensor(
        '',
        FLOAT,
        square,
        Float32Array.from({ length: 36 }, (_, i) => Math.cos(i + name.length)),
      );
      return branch([makeNode('Constant', [], [name], { value: { tensor: value } })], [], name);
    });
    return w.add('MatMul', [
      x,
      w.add('If', [condition], { then_branch: then_branch!, else_branch: else_branch! }),
    ]);
  },
  modulated(w, x) {
    const style = w.add('ReduceMean', [x], { keepdims: 0 });
    return w.add('MatMul', [x, w.add('Mul', [w.stored(square, 'free'), style])]);
  },
  fastWeights(w, x) {
    const change = w.add('ReduceMean', [x], { keepdims: 0 });
    return w.add('MatMul', [x, w.add('Add', [w.stored(square, 'free'), change])]);
  },
  memory(w, x) {
    const rows = w.add('Reshape', [x, w.integers(-1, width)]);
    const keys = w.add(
      'Concat',
      [w.stored([width - 1, width], 'free'), w.add('ReduceMean', [rows, w.integers(0)])],
      { axis: 0 },
    );
    return w.add('MatMul', [x, w.add('Transpose', [keys])]);
  },
  recurrent(w, x) {
    const sequence = w.add('Reshape', [x, w.integers(1, -1, width)]);
    const weights = [w.stored([1, width, width], 'free'), w.stored([1, width, width], 'free')];
    w.add('RNN', [sequence, ...weights], { hidden_size: width });
    const node = w.nodes.at(-1)!;
    const state = w.name();
    node.outputs = ['', state];
    return w.add('Reshape', [state, w.integers(-1, width)]);
  },
  slices(w, x) {
    const [h, slice, next] = [w.name(), w.name(), w.name()];
    const body = makeGraph({
      nodes: [makeNode('MatMul', [h, slice], [next])],
      inputs: [tensorInfo(h, FLOAT), tensorInfo(slice, FLOAT)],
      outputs: [tensorInfo(next, FLOAT, ['N', width])],
    });
    return w.add('Scan', [x, w.stored([2, ...square], 'free')], {
      num_scan_inputs: 1,
      body: { graph: body },
    });
  },
  storedInFunction(w, x) {
    if (!w.functions.includes(storingFunction)) w.functions.push(storingFunction);
    return w.add('storing', [x], {}, 'own');
  },
  regressor: (w, x) => w.add('Add', [attributeNode(w, x, 'LinearRegressor', { coefficients: 'free' }), x]),
  fused: (w, x) =>
    w.add('FusedMatMul', [x, w.stored(square, 'free')], { alpha: { float: 0.5 } }, 'com.microsoft'),
  exponent: (w, x) =>
    w.add(
      'ReduceSum',
      [
        w.add('Exp', [
          w.add('Add', [w.add('Unsqueeze', [w.add('Tanh', [x]), w.integers(1)]), w.stored(square, 'free')]),
        ]),
        w.integers(2),
      ],
      {
        keepdims: 0,
      },
    ),
};

function attributeNode(w: Wiring, x: string, type: string, truths: Record<string, Truth>): string {
  const floats = (scale: number) => ({ floats: Array.from({ length: width }, (_, i) => scale * (1 + i)) });
  const attributes = Object.fromEntries(Object.keys(truths).map((name) => [name, floats(0.2)]));
  const output = w.add(type, [x], attributes, 'ai.onnx.ml');
  const node = w.nodes.at(-1)!;
  for (const [name, truth] of Object.entries(truths)) w.truths.set(`${node.name || output}.${name}`, truth);
  return output;
}

function functionOf(name: string, inputs: string[], nodes: Node[]): LocalFunction {
  const opsetImport = [{ domain: '', version: 18 }];
  return {
    name,
    domain: 'own',
    inputs,
    outputs: ['c'],
    attributes: [],
    attributeDefaults: [],
    nodes,
    opsetImport,
  };
}

const layerFunction = functionOf('layer', ['a', 'b'], [makeNode('MatMul', ['a', 'b'], ['c'])]);
const inside = makeTensor(
  '',
  FLOAT,
  square,
  Float32Array.from({ length: 36 }, (_, i) => Math.sin(i)),
);
const storingFunction = functionOf(
  'storing',
  ['a'],
  [makeNode('Constant', [], ['k'], { value: { tensor: inside } }), makeNode('MatMul', ['a', 'k'], ['c'])],
);

/** x [N, 6] -> y [N, 6] through these kinds of layers, a layer on a crossbar at the end; the list of nodes in any order. */
export function wire(seed: number, chosen: readonly string[]): Wired {
  const w = new Wiring(seed);
  let value = 'x';
  for (const kind of chosen) value = kinds[kind]!(w, value);
  value = w.add('MatMul', [value, w.stored(square, 'weight')]);
  w.nodes.push(makeNode('Identity', [value], ['y']));
  const shuffled = w.below(3) === 0 ? [...w.nodes].sort((a, b) => hash(a, seed) - hash(b, seed)) : w.nodes;
  const graph = makeGraph({
    nodes: shuffled,
    initializers: w.initializers,
    inputs: [tensorInfo('x', FLOAT, ['N', width])],
    outputs: [tensorInfo('y', FLOAT, ['N', width])],
  });
  const model = makeModel(
    { ...graph, ...(w.sparse.length > 0 && { sparseInitializers: w.sparse }) },
    { opset: 18 },
  );
  const domains = [
    ['ai.onnx.ml', 3],
    ['com.microsoft', 1],
    ['own', 1],
  ] as const;
  model.opsetImport.push(...domains.map(([domain, version]) => ({ domain, version })));
  return { model: { ...model, functions: w.functions }, truths: w.truths, kinds: chosen };
}

function hash({ outputs }: Node, seed: number): number {
  return (Number(outputs.join('').replace(/\D/g, '') || 1) * 7919 + seed * 104729) % 1009;
}

export function drawKinds(seed: number): string[] {
  const w = new Wiring(seed + 0.5);
  const all = Object.keys(kinds);
  return Array.from({ length: 1 + w.below(5) }, () => all[w.below(all.length)]!);
}
