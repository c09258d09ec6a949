/** Networks whose weights, activations and biases are codes, in the forms that quantizers write. */
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

const number = (name: string, value: number) => makeTensor(name, DataType.FLOAT, [], [value]);
const code = (name: string, value: number, type: number = DataType.UINT8) =>
  makeTensor(name, type, [], [value]);

/** Codes of normal weights, so that scale 0.01 makes of them what is usual for a layer of the small nets here. */
function codes(name: string, dims: number[], spread = 40, type: number = DataType.INT8): Tensor {
  const size = dims.reduce((a, b) => a * b, 1);
  const values = Array.from(randomStream('quantized nets', name).normals(size), (value) =>
    Math.max(-127, Math.min(127, Math.round(value * spread))),
  );
  return makeTensor(name, type, dims, values);
}

const inputs = [tensorInfo('x', DataType.FLOAT, ['N', 2, 6, 6])];
const outputs = [tensorInfo('y', DataType.FLOAT, ['N', 4])];

const activation = [number('as', 0.05), code('az', 110)];
const weights = [
  codes('conv', [8, 2, 3, 3]),
  makeTensor(
    'conv_scale',
    DataType.FLOAT,
    [8],
    Array.from({ length: 8 }, (_, i) => 0.006 + 0.001 * i),
  ),
  makeTensor('conv_zero', DataType.INT8, [8], Array(8).fill(0)),
  codes('fc', [4, 8]),
  number('fc_scale', 0.012),
  code('fc_zero', 0, DataType.INT8),
];

/** Static quantization in the QDQ form, as onnxruntime.quantization and PyTorch write it: int32 biases too. */
export function staticNet(): Model {
  const dequantize = (name: string, scale: string, zero: string, axis?: number) =>
    makeNode('DequantizeLinear', [name, scale, zero], [`${name}_w`], { axis });
  const passed = (name: string): Node[] => [
    makeNode('QuantizeLinear', [name, 'as', 'az'], [`${name}_q`]),
    makeNode('DequantizeLinear', [`${name}_q`, 'as', 'az'], [`${name}_d`]),
  ];
  return makeModel(
    makeGraph({
      nodes: [
        dequantize('conv', 'conv_scale', 'conv_zero', 0),
        dequantize('fc', 'fc_scale', 'fc_zero'),
        dequantize('bias', 'bias_scale', ''),
        ...passed('x'),
        makeNode('Conv', ['x_d', 'conv_w'], ['c'], { pads: [1, 1, 1, 1] }),
        makeNode('Relu', ['c'], ['r']),
        ...passed('r'),
        makeNode('GlobalAveragePool', ['r_d'], ['p']),
        makeNode('Flatten', ['p'], ['f']),
        makeNode('Gemm', ['f', 'fc_w', 'bias_w'], ['y'], { transB: 1 }),
      ],
      initializers: [
        ...activation,
        ...weights,
        codes('bias', [4], 100, DataType.INT32),
        number('bias_scale', 0.0006),
      ],
      inputs,
      outputs,
    }),
    { opset: 13 },
  );
}

/** Weights as floats that the graph quantizes, as quantization-aware training leaves them. */
export function awareNet(): Model {
  const { graph, ...rest } = staticNet();
  const float = (name: string, dims: number[]) =>
    makeTensor(
      name,
      DataType.FLOAT,
      dims,
      randomStream('aware', name)
        .normals(dims.reduce((a, b) => a * b, 1))
        .map((w) => 0.4 * w),
    );
  const quantize = (name: string, axis?: number) =>
    makeNode('QuantizeLinear', [name, `${name}_scale`, `${name}_zero`], [`${name}_codes`], { axis });
  const nodes = graph.nodes.map((node) =>
    node.inputs[0] === 'conv' || node.inputs[0] === 'fc'
      ? { ...node, inputs: [`${node.inputs[0]}_codes`, ...node.inputs.slice(1)] }
      : node,
  );
  const initializers = graph.initializers.filter(({ name }) => name !== 'conv' && name !== 'fc');
  return {
    ...rest,
    graph: {
      ...graph,
      nodes: [quantize('conv', 0), quantize('fc'), ...nodes],
      initializers: [float('conv', [8, 2, 3, 3]), float('fc', [4, 8]), ...initializers],
    },
  };
}

/** Operators on codes, as onnxruntime.quantization writes them in the QOperator format. */
export function operatorNet(): Model {
  return makeModel(
    makeGraph({
      nodes: [
        makeNode('QuantizeLinear', ['x', 'as', 'az'], ['q']),
        makeNode(
          'QLinearConv',
          ['q', 'as', 'az', 'conv', 'conv_scale', 'conv_zero', 'as', 'az', 'bias'],
          ['c'],
          {
            pads: [1, 1, 1, 1],
          },
        ),
        makeNode('MaxPool', ['c'], ['m'], { kernel_shape: [6, 6] }),
        makeNode('Reshape', ['m', 'shape'], ['f']),
        makeNode('QLinearMatMul', ['f', 'as', 'az', 'matrix', 'fc_scale', 'fc_zero', 'as', 'az'], ['l']),
        makeNode('DequantizeLinear', ['l', 'as', 'az'], ['y']),
      ],
      initializers: [
        ...activation,
        ...weights.filter(({ name }) => name !== 'fc'),
        codes('matrix', [8, 4]),
        codes('bias', [8], 100, DataType.INT32),
        makeTensor('shape', DataType.INT64, [2], [-1, 8]),
      ],
      inputs,
      outputs,
    }),
    { opset: 13 },
  );
}

/** Dynamic quantization: products of integers, scaled afterwards. */
export function dynamicNet(): Model {
  return makeModel(
    makeGraph({
      nodes: [
        makeNode('Flatten', ['x'], ['f']),
        makeNode('DynamicQuantizeLinear', ['f'], ['q', 'qs', 'qz']),
        makeNode('MatMulInteger', ['q', 'w', 'qz'], ['sum']),
        makeNode('Cast', ['sum'], ['products'], { to: DataType.FLOAT }),
        makeNode('Mul', ['qs', 'ws'], ['scale']),
        makeNode('Mul', ['products', 'scale'], ['y']),
      ],
      initializers: [codes('w', [72, 4]), number('ws', 0.002)],
      inputs,
      outputs,
    }),
    { opset: 13 },
  );
}
