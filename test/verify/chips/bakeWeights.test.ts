/** Oracle: onnxruntime on the baked model against the arithmetic of the same net in JavaScript. */
import { expect, test } from 'vitest';
import { crossbarTensors } from '../../../src/mapping/crossbar.js';
import { makeGraph, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Model } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { bakeWeights, type Weight } from '../../../src/verify/chips/bakeWeights.js';
import { cleanWeights } from '../../../src/verify/chips/draws.js';
import * as net from '../models.js';

const { inputs, hidden, classes } = net;
const x = net.normals('x', 4 * inputs);
const b1 = net.normals('b1', hidden, 0.1);

function expected(first: Float32Array, second: Float32Array): Float32Array {
  const y = new Float32Array(4 * classes);
  for (let row = 0; row < 4; row++) {
    for (let h = 0; h < hidden; h++) {
      let sum = b1[h]!;
      for (let i = 0; i < inputs; i++) sum += x[row * inputs + i]! * first[i * hidden + h]!;
      for (let c = 0; c < classes; c++) y[row * classes + c]! += Math.max(0, sum) * second[h * classes + c]!;
    }
  }
  return y;
}

/** Other weights than the model's. */
function others(model: Model): Weight[] {
  return cleanWeights(crossbarTensors(model)).map((weight) => ({
    ...weight,
    values: net.normals(`other ${weight.dims}`, weight.values.length),
  }));
}

async function expectBaked(model: Model): Promise<Model> {
  const weights = others(model);
  const [first, second] = weights.map(({ values }) => values) as [Float32Array, Float32Array];
  const before = await net.outputsOf(model, x);
  const baked = bakeWeights(model, weights);
  const after = await net.outputsOf(baked, x);
  const wanted = expected(first, second);
  after.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 4);
  });
  expect(await net.outputsOf(model, x)).toEqual(before); // the model itself is untouched
  return baked;
}

const codes = (name: string, dims: number[]) =>
  makeTensor(name, DataType.INT8, dims, net.normals(name, dims[0]! * dims[1]!, 40).map(Math.round));
const dequantize = (from: string, to: string) => makeNode('DequantizeLinear', [from, `${to}_scale`], [to]);
const scale = (name: string) => net.floatTensor(`${name}_scale`, [], [0.01]);

test('initializers', async () => {
  const baked = await expectBaked(net.modelOf());
  expect(baked.graph.nodes).toEqual(net.modelOf().graph.nodes);
});

test('initializers that are graph inputs too, as before IR version 4', async () => {
  const model = net.modelOf({ irVersion: 3, opset: 8 });
  for (const { name, dims } of [net.w1, net.b1, net.w2]) {
    model.graph.inputs.push(tensorInfo(name, DataType.FLOAT, dims));
  }
  const baked = await expectBaked(model);
  expect(baked.graph.inputs).toEqual(model.graph.inputs);
});

test('Constant nodes', async () => {
  const constants = [net.w1, net.w2].map((tensor) =>
    makeNode('Constant', [], [tensor.name], { value: { tensor } }),
  );
  await expectBaked(net.modelOf({ nodes: [...constants, ...net.mlpNodes], initializers: [net.b1] }));
});

test('dequantized weights become float initializers; their codes go, unless something else reads them', async () => {
  const nodes = [dequantize('c1', 'w1'), dequantize('c2', 'w2'), ...net.mlpNodes];
  const initializers = [codes('c1', [inputs, hidden]), codes('c2', [hidden, classes]), net.b1];
  const model = net.modelOf({ nodes, initializers: [...initializers, scale('w1'), scale('w2')] });
  const baked = await expectBaked(model);
  expect(baked.graph.nodes.map(({ opType }) => opType)).toEqual(['Gemm', 'Relu', 'MatMul']);
  expect(baked.graph.initializers.map(({ name }) => name).sort()).toEqual(['b1', 'w1', 'w2']);

  model.graph.outputs.push(tensorInfo('c1', DataType.INT8, [inputs, hidden]));
  const kept = bakeWeights(model, others(model)).graph.initializers.map(({ name }) => name);
  expect(kept.sort()).toEqual(['b1', 'c1', 'w1', 'w2']);
});

test('weights that the body of a Scan takes from the graph around it', async () => {
  const body = makeGraph({
    nodes: [
      makeNode('Unsqueeze', ['row', 'axis'], ['matrix']),
      makeNode('Gemm', ['matrix', 'w1', 'b1'], ['h']),
      makeNode('Relu', ['h'], ['a']),
      makeNode('MatMul', ['a', 'w2'], ['product']),
      makeNode('Squeeze', ['product', 'axis'], ['scores']),
    ],
    inputs: [tensorInfo('row', DataType.FLOAT, [inputs])],
    outputs: [tensorInfo('scores', DataType.FLOAT, [classes])],
  });
  const scan = makeNode('Scan', ['x'], ['y'], { body: { graph: body }, num_scan_inputs: 1 });
  const axis = makeTensor('axis', DataType.INT64, [1], [0n]);
  await expectBaked(net.modelOf({ nodes: [scan], initializers: [net.w1, net.b1, net.w2, axis] }));
});

test('dequantized weights inside the body of a Scan', async () => {
  const body = makeGraph({
    nodes: [
      dequantize('c1', 'w1'),
      dequantize('c2', 'w2'),
      makeNode('Unsqueeze', ['row', 'axis'], ['matrix']),
      makeNode('Gemm', ['matrix', 'w1', 'b1'], ['h']),
      makeNode('Relu', ['h'], ['a']),
      makeNode('MatMul', ['a', 'w2'], ['product']),
      makeNode('Squeeze', ['product', 'axis'], ['scores']),
    ],
    inputs: [tensorInfo('row', DataType.FLOAT, [inputs])],
    outputs: [tensorInfo('scores', DataType.FLOAT, [classes])],
  });
  const scan = makeNode('Scan', ['x'], ['y'], { body: { graph: body }, num_scan_inputs: 1 });
  const axis = makeTensor('axis', DataType.INT64, [1], [0n]);
  const initializers = [codes('c1', [inputs, hidden]), codes('c2', [hidden, classes]), net.b1, axis];
  const baked = await expectBaked(
    net.modelOf({ nodes: [scan], initializers: [...initializers, scale('w1'), scale('w2')] }),
  );
  expect(baked.graph.initializers.map(({ name }) => name)).toEqual(['b1', 'axis']);
});

test('float16 weights keep their type', () => {
  const half = makeTensor('w1', DataType.FLOAT16, [inputs, hidden], net.normals('w1', inputs * hidden));
  const cast = makeNode('Cast', ['w1'], ['wide'], { to: DataType.FLOAT });
  const gemm = makeNode('Gemm', ['x', 'wide', 'b1'], ['h']);
  const model = net.modelOf({
    nodes: [cast, gemm, ...net.mlpNodes.slice(1)],
    initializers: [half, net.b1, net.w2],
  });
  const baked = bakeWeights(model, others(model)).graph.initializers.find(({ name }) => name === 'w1')!;
  expect(baked.dataType).toBe(DataType.FLOAT16);
  expect(baked.rawData).not.toEqual(half.rawData);
});

test('weights that are not there, or there twice, are refused', () => {
  const weight = (name: string): Weight => ({
    name,
    dims: [1],
    dataType: DataType.FLOAT,
    values: Float32Array.of(1),
  });
  expect(() => bakeWeights(net.modelOf(), [weight('nowhere'), weight('lost')])).toThrow(
    /"nowhere" is not in the model[^]*"lost"/,
  );
  const model = net.modelOf();
  model.graph.initializers.push(net.w2);
  expect(() => bakeWeights(model, [others(model)[1]!])).toThrow(/2 weights of one name/);
});

test('weights that reach their layers through a model-local function', async () => {
  const layer = {
    name: 'layer',
    domain: 'own',
    inputs: ['a', 'w', 'b'],
    outputs: ['c'],
    attributes: [],
    attributeDefaults: [],
    nodes: [makeNode('Gemm', ['a', 'w', 'b'], ['h']), makeNode('Relu', ['h'], ['c'])],
    opsetImport: [{ domain: '', version: 21 }],
  };
  const nodes = [
    makeNode('layer', ['x', 'w1', 'b1'], ['a'], {}, { domain: 'own' }),
    makeNode('MatMul', ['a', 'w2'], ['y']),
  ];
  const model = net.modelOf({ nodes });
  const opsetImport = [...model.opsetImport, { domain: 'own', version: 1 }];
  await expectBaked({ ...model, functions: [layer], opsetImport });
});
