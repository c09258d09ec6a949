/** Small files that ask for enormous values, or for very many of something: none may be followed where it leads. */
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

type Operand = Tensor | string;

const int64 = (...values: (number | bigint)[]) =>
  makeTensor('', DataType.INT64, [values.length], values.map(BigInt));
const scalar = (value: number) => makeTensor('', DataType.INT64, [], [value]);
const floats = (...dims: number[]) =>
  makeTensor(
    '',
    DataType.FLOAT,
    dims,
    new Float32Array(dims.reduce((product, extent) => product * extent, 1)),
  );

/** Nodes whose operands are written where they are used; the last one makes the output y. */
class Builder {
  readonly nodes: Node[] = [];
  readonly initializers: Tensor[] = [];

  add(type: string, operands: readonly Operand[], attributes: Record<string, AttributeValue> = {}): string {
    const names = operands.map((operand) => (typeof operand === 'string' ? operand : this.store(operand)));
    const name = `value_${this.nodes.length}`;
    this.nodes.push(makeNode(type, names, [name], attributes));
    return name;
  }

  private store(tensor: Tensor): string {
    const name = `constant_${this.initializers.length}`;
    this.initializers.push({ ...tensor, name });
    return name;
  }
}

function model(shape: (number | string)[], body: (b: Builder) => string, opset = 17): Model {
  const builder = new Builder();
  const y = builder.add('Identity', [body(builder)]);
  return makeModel(
    makeGraph({
      ...builder,
      inputs: [tensorInfo('x', DataType.FLOAT, shape)],
      outputs: [tensorInfo(y, DataType.FLOAT)],
    }),
    { opset },
  );
}

/** A unary chain, each link of two uses of the one before. */
function doubled(b: Builder, start: Operand, axis: number): string {
  let value = b.add('Concat', [start, start], { axis });
  for (let i = 0; i < 100; i++) value = b.add('Concat', [value, value], { axis });
  return value;
}

const row = ['n', 4];
const ones = (count: number) => Array<number>(count).fill(1);
const plane = ['n', 1, 2 ** 14, 2 ** 14];

export const bombs: Readonly<Record<string, Model>> = {
  'a shape of 2^30 axes': model(row, (b) =>
    b.add('Reshape', ['x', b.add('ConstantOfShape', [int64(2 ** 30)])]),
  ),
  'a shape of 2^28 axes, cast': model(row, (b) =>
    b.add('Reshape', ['x', b.add('Cast', [b.add('ConstantOfShape', [int64(2 ** 28)])], { to: 7 })]),
  ),
  'a shape of 100,000 axes': model(row, (b) => b.add('Reshape', ['x', int64(...ones(100_000))])),
  '100,000 new axes': model(
    row,
    (b) => b.add('Unsqueeze', ['x', int64(...ones(100_000).map((_, i) => i + 2))]),
    13,
  ),
  'small integers tiled': model(row, (b) =>
    b.add('Add', ['x', b.add('Tile', [int64(...ones(4096)), int64(2 ** 18)])]),
  ),
  'small floats tiled': model(row, (b) => b.add('Mul', ['x', b.add('Tile', [floats(4096), int64(2 ** 18)])])),
  'a row expanded': model(row, (b) =>
    b.add('Mul', ['x', b.add('Expand', [floats(1, 4096), int64(2 ** 18, 4096)])]),
  ),
  'a choice of three axes': model(row, (b) =>
    b.add('Where', [
      makeTensor('', DataType.BOOL, [4096, 1, 1], ones(4096)),
      floats(1, 4096, 1),
      floats(1, 1, 4096),
    ]),
  ),
  'a sum of three axes': model(row, (b) =>
    b.add('Add', [b.add('Add', [floats(1, 4096, 1), floats(1, 1, 4096)]), floats(4096, 1, 1)]),
  ),
  'an outer product': model(row, (b) =>
    b.add('Mul', ['x', b.add('MatMul', [floats(4096, 1), floats(1, 4096)])]),
  ),
  'rows gathered': model(row, (b) =>
    b.add('Mul', ['x', b.add('Gather', [floats(1, 4096), int64(...ones(4096).fill(0))])]),
  ),
  'one tensor 4,096 times': model(row, (b) =>
    b.add('Mul', ['x', b.add('Concat', Array(4096).fill(floats(4)), { axis: 0 })]),
  ),
  'a thousand constants expanded': model(row, (b) => {
    let sum = 'x';
    for (let i = 0; i < 1000; i++)
      sum = b.add('Add', [sum, b.add('Expand', [floats(1, 4), int64(2 ** 17, 4)])]);
    return sum;
  }),
  'doubling of a value': model(row, (b) => doubled(b, 'x', 1)),
  'doubling of a constant': model(row, (b) => b.add('Mul', ['x', doubled(b, floats(4096), 0)])),
  'every second of 2^31 elements': model(['n', 2 ** 31 - 1], (b) =>
    b.add('Slice', ['x', int64(0), int64(2 ** 40), int64(1), int64(2)]),
  ),
  'padding by 2^28, of the edge': model(row, (b) =>
    b.add('Pad', ['x', int64(0, 0, 0, 2 ** 28)], { mode: 'edge' }),
  ),
  'padding by 2^30': model(row, (b) => b.add('Pad', ['x', int64(0, 0, 0, 2 ** 30)])),
  'a constant padded': model(row, (b) => b.add('Mul', ['x', b.add('Pad', [floats(4), int64(0, 2 ** 30)])])),
  'a split into 2^28': model(row, (b) => b.add('Split', ['x'], { num_outputs: 2 ** 28, axis: 1 }), 18),
  'no element in 2^40 columns': model([0, 2 ** 40], (b) => b.add('Relu', ['x'])),
  '2^40 columns': model(['n', 2 ** 40], (b) => b.add('Relu', ['x'])),
  'a mean of 2^26 elements': model(plane, (b) =>
    b.add('AveragePool', ['x'], {
      kernel_shape: [2 ** 13, 2 ** 13],
      pads: [1024, 1024, 1024, 1024],
      ceil_mode: 1,
    }),
  ),
  'a maximum of 2^26 elements': model(plane, (b) =>
    b.add('MaxPool', ['x'], { kernel_shape: [2 ** 13, 2 ** 13], dilations: [1, 2], ceil_mode: 1 }),
  ),
  'a convolution far apart': model(plane, (b) =>
    b.add('Conv', ['x', floats(1, 1, 3, 3)], { pads: ones(4).map(() => 2 ** 15), dilations: [1024, 1024] }),
  ),
  'a convolution blown up': model(['n', 1, 1024, 1024], (b) =>
    b.add('ConvTranspose', ['x', floats(1, 1, 3, 3)], { strides: [2 ** 20, 2 ** 20] }),
  ),
  'repeats of 2^31': model(row, (b) => b.add('Tile', ['x', int64(2 ** 31, 2 ** 31)])),
  'negative repeats': model(row, (b) => b.add('Tile', ['x', int64(1, -1)])),
  'a range of 2^31': model(row, (b) =>
    b.add('Add', ['x', b.add('Cast', [b.add('Range', [scalar(0), scalar(2 ** 31), scalar(1)])], { to: 1 })]),
  ),
  'a hundred long ranges': model(['n', 1], (b) => {
    let sum = 'x';
    for (let i = 0; i < 100; i++) {
      const range = b.add('Range', [scalar(i), scalar(2 ** 20), scalar(1)]);
      sum = b.add('Add', [sum, b.add('Cast', [range], { to: 1 })]);
    }
    return sum;
  }),
  'one of 2^28 classes': model(row, (b) =>
    b.add('OneHot', [b.add('Cast', ['x'], { to: 7 }), scalar(2 ** 28), floats(2)]),
  ),
  'a region of 2^25 samples': model(['n', 1, 4, 4], (b) =>
    b.add('RoiAlign', ['x', floats(3, 4), int64(0, 0, 0)], {
      output_height: 2 ** 15,
      sampling_ratio: 2 ** 10,
    }),
  ),
  'a line resized to 2^24': model(
    ['n', 1, 4],
    (b) => b.add('Resize', ['x', '', '', int64(1, 1, 2 ** 24)], { mode: 'linear' }),
    18,
  ),
  'a sequence of 2^20 steps': model(['n', 2 ** 20, 4], (b) =>
    b.add('RNN', ['x', floats(1, 4, 4), floats(1, 4, 4)], { hidden_size: 4, layout: 1 }),
  ),
  'an extent of 2^62': model(row, (b) =>
    b.add('Add', ['x', b.add('ConstantOfShape', [int64(2n ** 62n, 2n ** 62n)])]),
  ),
  'a negative extent': model(row, (b) => b.add('Add', ['x', b.add('ConstantOfShape', [int64(-5)])])),
  'an axis of 2^40': model(row, (b) => b.add('Flatten', ['x'], { axis: 2 ** 40 })),
  'axes of 2^40': model(
    row,
    (b) => b.add('ReduceSum', ['x', b.add('ConstantOfShape', [int64(2 ** 30)])]),
    13,
  ),
};
