import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../src/onnx/tensor.js';
import { bool, float32, type HostTensor, int32, int64 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-runtime-'));
afterAll(() => rmSync(folder, { recursive: true }));

function identity(type: number): Uint8Array {
  const graph = makeGraph({
    nodes: [makeNode('Identity', ['x'], ['y'])],
    inputs: [tensorInfo('x', type, ['n'])],
    outputs: [tensorInfo('y', type, ['n'])],
  });
  return encodeModel(makeModel(graph));
}

/** y = x * w, and z = -x */
const product = encodeModel(
  makeModel(
    makeGraph({
      nodes: [makeNode('Mul', ['x', 'w'], ['y'], {}, { name: 'product' }), makeNode('Neg', ['x'], ['z'])],
      initializers: [makeTensor('w', DataType.FLOAT, [2], [2, 3])],
      // The initializer is also a graph input: overridable, which onnxruntime-node silently does not support.
      inputs: [tensorInfo('x', 1, [2]), tensorInfo('w', 1, [2])],
      outputs: [tensorInfo('y', 1, [2]), tensorInfo('z', 1, [2])],
    }),
  ),
);

const usage = expect.objectContaining({ name: 'TemperError', kind: 'usage' });

test('packed outputs are refused: reading one would end the process', async () => {
  for (const to of [DataType.INT4, DataType.UINT4]) {
    const graph = makeGraph({
      nodes: [makeNode('Cast', ['x'], ['codes'], { to }), makeNode('Neg', ['x'], ['y'])],
      inputs: [tensorInfo('x', DataType.FLOAT, [2])],
      outputs: [tensorInfo('codes', to, [2]), tensorInfo('y', DataType.FLOAT, [2])],
    });
    const session = await openSession(encodeModel(makeModel(graph, { opset: 22 })));
    const x = float32([2], [1, 2]);
    await expect(session.run({ x })).rejects.toThrow(/output "codes" has the type u?int4/);
    expect((await session.run({ x }, ['y'])).y).toEqual(float32([2], [-1, -2]));
    await session.release();
  }
});

test('every element type goes in and comes out', async () => {
  const tensors: [number, HostTensor][] = [
    [DataType.FLOAT, float32([2], [1.5, -2])],
    [DataType.DOUBLE, { type: 'float64', dims: [1], data: Float64Array.of(Math.PI) }],
    [DataType.FLOAT16, { type: 'float16', dims: [2], data: Uint16Array.of(0x3c00, 0xc000) }],
    [DataType.INT8, { type: 'int8', dims: [2], data: Int8Array.of(-128, 127) }],
    [DataType.UINT8, { type: 'uint8', dims: [1], data: Uint8Array.of(255) }],
    [DataType.INT16, { type: 'int16', dims: [1], data: Int16Array.of(-32768) }],
    [DataType.UINT16, { type: 'uint16', dims: [1], data: Uint16Array.of(65535) }],
    [DataType.INT32, int32([2], [-(2 ** 31), 5])],
    [DataType.UINT32, { type: 'uint32', dims: [1], data: Uint32Array.of(2 ** 32 - 1) }],
    [DataType.INT64, int64([2], [-(2n ** 63n), 2n ** 63n - 1n])],
    [DataType.UINT64, { type: 'uint64', dims: [1], data: BigUint64Array.of(2n ** 64n - 1n) }],
    [DataType.BOOL, bool([3], [true, false, true])],
    [DataType.FLOAT, float32([0], [])],
  ];
  for (const [type, tensor] of tensors) {
    const session = await openSession(identity(type));
    expect((await session.run({ x: tensor })).y).toEqual(tensor);
    expect(session.inputs).toEqual([{ name: 'x', type: tensor.type, shape: ['n'] }]);
    await session.release();
  }
});

test('float16 is computed with, not only passed through', async () => {
  const graph = makeGraph({
    nodes: [makeNode('Add', ['x', 'x'], ['y'])],
    inputs: [tensorInfo('x', DataType.FLOAT16, [1])],
    outputs: [tensorInfo('y', DataType.FLOAT16, [1])],
  });
  const session = await openSession(encodeModel(makeModel(graph)));
  const { y } = await session.run({ x: { type: 'float16', dims: [1], data: Uint16Array.of(0x3c00) } });
  expect(y!.data).toEqual(Uint16Array.of(0x4000)); // 1 + 1 = 2
});

test('a feed the model does not know, or does not get, is refused: onnxruntime-node would ignore it', async () => {
  const session = await openSession(product);
  const x = float32([2], [1, 1]);
  await expect(session.run({ x, bogus: x })).rejects.toEqual(usage);
  await expect(session.run({ x, w: x })).rejects.toEqual(usage); // the overridable initializer
  await expect(session.run({})).rejects.toEqual(usage);
  await expect(session.run({ x }, ['nothing'])).rejects.toEqual(usage);
  await expect(session.run({ bogus: x })).rejects.toMatchObject({ problems: [{}, {}] });
  expect(await session.run({ x })).toEqual({ y: float32([2], [2, 3]), z: float32([2], [-1, -1]) });
});

test('values that do not fit their type or shape are refused', async () => {
  const session = await openSession(product);
  await expect(session.run({ x: float32([2], [1]) })).rejects.toEqual(usage);
  await expect(
    session.run({ x: { type: 'float32', dims: [2], data: Int32Array.of(1, 2) } as never }),
  ).rejects.toEqual(usage);
  await expect(session.run({ x: int32([2], [1, 2]) })).rejects.toMatchObject({ kind: 'model' });
  await expect(session.run({ x: float32([3], [1, 2, 3]) })).rejects.toMatchObject({ kind: 'model' });
});

test('only what is fetched is returned', async () => {
  const session = await openSession(product, { threads: 1, optimization: 'disabled' });
  expect(Object.keys(await session.run({ x: float32([2], [1, 1]) }, ['z']))).toEqual(['z']);
});

test('a model that cannot be loaded is a model error', async () => {
  await expect(openSession(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ kind: 'model' });
  await expect(openSession(join(folder, 'absent.onnx'))).rejects.toMatchObject({ kind: 'model' });
  await expect(openSession(product, { threads: 0 })).rejects.toEqual(usage);
});

test('a model is loaded from a file', async () => {
  const path = join(folder, 'product.onnx');
  writeFileSync(path, product);
  const session = await openSession(path);
  expect([session.inputNames, session.outputNames]).toEqual([['x'], ['y', 'z']]);
});

test('a released session says so', async () => {
  const session = await openSession(product);
  await session.release();
  await session.release();
  await expect(session.run({ x: float32([2], [1, 1]) })).rejects.toEqual(usage);
});

test('profiling tells the time of every operator', async () => {
  const session = await openSession(product, { profile: join(folder, 'trace'), optimization: 'disabled' });
  await session.run({ x: float32([2], [1, 1]) });
  const events = await session.endProfiling();
  expect(events.find(({ name }) => name === 'product_kernel_time')).toMatchObject({
    category: 'Node',
    operator: 'Mul',
  });
  await expect((await openSession(product)).endProfiling()).rejects.toEqual(usage);
});

test('quantized layers are computed exactly by default, and differently as deployed', async () => {
  const [rows, columns] = [64, 8];
  const codes = Int8Array.from({ length: rows * columns }, (_, i) => ((i * 37) % 255) - 127);
  const scales = Float32Array.from({ length: columns }, (_, i) => 0.01 * (i + 1));
  const graph = makeGraph({
    nodes: [
      makeNode('DequantizeLinear', ['codes', 'scales'], ['w'], { axis: 1 }),
      makeNode('MatMul', ['x', 'w'], ['y']),
    ],
    initializers: [
      makeTensor('codes', DataType.INT8, [rows, columns], codes),
      makeTensor('scales', DataType.FLOAT, [columns], scales),
    ],
    inputs: [tensorInfo('x', 1, [1, rows])],
    outputs: [tensorInfo('y', 1, [1, columns])],
  });
  const model = encodeModel(makeModel(graph));
  const x = Float32Array.from({ length: rows }, (_, i) => Math.sin(i));
  const expected = Array.from(scales, (scale, column) =>
    x.reduce((sum, value, row) => sum + value * Math.fround(codes[row * columns + column]! * scale), 0),
  );
  const error = async (numerics: 'exact' | 'deploy') => {
    const { y } = await (await openSession(model, { numerics })).run({ x: float32([1, rows], x) });
    return (
      Math.max(...expected.map((value, i) => Math.abs(value - Number(y!.data[i])))) /
      Math.max(...expected.map(Math.abs))
    );
  };
  expect(await error('exact')).toBeLessThan(1e-6);
  expect(await error('deploy')).toBeGreaterThan(1e-4);
  expect(tensorValues(graph.initializers[0]!)).toEqual(codes);
});
