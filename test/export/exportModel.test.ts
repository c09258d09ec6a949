import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onnx } from 'onnx-proto';
import { afterAll, describe, expect, it, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { exportModel } from '../../src/export/exportModel.js';
import { writeExport } from '../../src/export/writeExport.js';
import { fromPair, toPair } from '../../src/mapping/conductance.js';
import { crossbarTensors } from '../../src/mapping/crossbar.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { tensorValues, withValues } from '../../src/onnx/tensor.js';
import { mapTensors } from '../../src/onnx/tensors.js';
import { metadata, opsetVersion } from '../../src/onnx/walk.js';
import { sharedModels } from '../onnx/shared.js';
import { outputsOf, relativeDifference } from './feeds.js';
import { convNet, weights } from './nets.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The float model with the weights that the codes stand for; a tensor in a Constant node has no name of its own. */
function withEffectiveWeights(source: Model, quantized: Model, constant = ''): Model {
  const effective = new Map(crossbarTensors(quantized).map((tensor) => [tensor.name, tensor.values()]));
  return mapTensors(source, (tensor) => {
    const values = effective.get(tensor.name || constant);
    return values ? withValues(tensor, values) : tensor;
  });
}

const forms = [8, 4].flatMap((bits) =>
  (['channel', 'tensor'] as const).map((scales) => ({ bits: bits as 8 | 4, scales })),
);

describe.for(forms)('$bits bits, one scale per $scales', (form) => {
  it.for([8, 11, 13, 17, 21])(
    'computes what the float model computes with the dequantized weights: opset %s',
    async (opset) => {
      const source = convNet(opset);
      const { model } = exportModel(source, form);
      expect(crossbarTensors(model).map(({ name, source: kind }) => [name, kind])).toEqual([
        ['w1', 'dequantized'],
        ['w2', 'dequantized'],
        ['w3', 'dequantized'],
      ]);
      const expected = await outputsOf(withEffectiveWeights(source, model));
      expect(await outputsOf(model)).toEqual(expected);
      expect(relativeDifference(await outputsOf(model, 'all'), expected)).toBeLessThan(1e-6);
      expect(relativeDifference(await outputsOf(source), expected)).toBeLessThan(
        form.bits === 8 ? 0.02 : 0.3,
      );
    },
  );

  it('leaves everything else alone', () => {
    const source = convNet(21);
    const { model } = exportModel(source, form);
    const before = new Map(source.graph.initializers.map((tensor) => [tensor.name, tensor]));
    const kept = model.graph.initializers.filter(({ name }) => before.has(name));
    expect(kept.map(({ name }) => name)).toEqual([...before.keys()].filter((name) => !/^w/.test(name)));
    for (const tensor of kept) expect(tensor).toBe(before.get(tensor.name));
    expect(model.graph.nodes.slice(3)).toEqual(source.graph.nodes);
    expect(model.graph.inputs).toEqual(source.graph.inputs);
    expect(metadata(model).get('author')).toBe('someone');
    expect(source).toEqual(convNet(21)); // the input is not touched
  });
});

test('operator sets are lifted only as far as the codes need', () => {
  const versions = [
    [exportModel(convNet(8), { bits: 8, scales: 'tensor' }), 10],
    [exportModel(convNet(11), { bits: 8, scales: 'tensor' }), 11],
    [exportModel(convNet(8), { bits: 8 }), 13],
    [exportModel(convNet(17), { bits: 8 }), 17],
    [exportModel(convNet(17), { bits: 4 }), 21],
  ] as const;
  for (const [{ model, notes }, version] of versions) {
    expect(opsetVersion(model)).toBe(version);
    expect(notes.some((note) => note.includes('lifted'))).toBe(![11, 17].includes(version));
  }
});

test('four bits take half the room of eight', async () => {
  const graph = makeGraph({
    nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
    initializers: [weights('w', [512, 256])],
    inputs: [tensorInfo('x', 1, [1, 512])],
    outputs: [tensorInfo('y', 1, [1, 256])],
  });
  const size = (bits?: 8 | 4) =>
    encodeModel(exportModel(makeModel(graph), bits ? { bits } : {}).model).byteLength;
  expect(size()).toBeGreaterThan(512 * 256 * 4);
  expect(size(8)).toBeLessThan(512 * 256 + 4000);
  expect(size(4)).toBeLessThan((512 * 256) / 2 + 4000);
});

test('an independent decoder (onnx-proto) reads an 8-bit export', () => {
  const { model } = exportModel(convNet(13), { bits: 8 });
  const other = onnx.ModelProto.decode(encodeModel(model));
  const node = other.graph!.node![0]!;
  expect(node.opType).toBe('DequantizeLinear');
  expect(node.output).toEqual(['w1']);
  const codes = other.graph!.initializer!.find(({ name }) => name === node.input![0])!;
  expect(codes.dataType).toBe(onnx.TensorProto.DataType.INT8);
  const bytes = Int8Array.from(codes.rawData!);
  const scales = new Float32Array(
    other.graph!.initializer!.find(({ name }) => name === node.input![1])!.rawData!.slice().buffer,
  );
  const original = tensorValues(convNet(13).graph.initializers[0]!) as Float32Array;
  original.forEach((value, i) => {
    const scale = scales[Math.floor(i / 27)]!;
    expect(Math.abs(bytes[i]! * scale - value)).toBeLessThanOrEqual(scale / 2 + 1e-7);
  });
});

test('the conductance reading gives the weights back', async () => {
  const range = { gMin: 0.5, gMax: 20.5 };
  const exported = exportModel(convNet(13), { bits: 8, conductance: range });
  const path = join(folder, 'net.onnx');
  const files = await writeExport(path, exported);
  expect(readdirSync(folder).sort()).toEqual(['crossbar.json', 'net.onnx']);
  const crossbar = JSON.parse(readFileSync(join(folder, 'crossbar.json'), 'utf8'));
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  expect(crossbar.model).toEqual({ file: 'net.onnx', sha256 });
  expect(files[0]).toEqual({ path, sha256, bytes: readFileSync(path).length });
  const model = await readModel(path);
  expect(JSON.parse(metadata(model).get('temper.crossbar')!)).toMatchObject({
    schema: 1,
    gMin: 0.5,
    gMax: 20.5,
  });
  for (const tensor of crossbarTensors(model)) {
    const entry = crossbar.tensors.find(({ name }: { name: string }) => name === tensor.name);
    const codes = tensorValues(
      model.graph.initializers.find(({ name }) => name === entry.codes)!,
    ) as Int8Array;
    const pair = toPair(codes, entry.largestCode, range);
    const inner = tensor.dims.slice(entry.scaleAxis + 1).reduce((a, b) => a * b, 1);
    const values = tensor.values();
    codes.forEach((code, i) => {
      expect(pair.positive[i]).toBe(entry.levels[Math.max(code, 0)]);
      expect(pair.negative[i]).toBe(entry.levels[Math.max(-code, 0)]);
      const scale = entry.scales[Math.floor(i / inner) % tensor.dims[entry.scaleAxis]!];
      expect((scale * (pair.positive[i]! - pair.negative[i]!)) / entry.levelStep).toBeCloseTo(values[i]!, 4);
    });
    expect(fromPair(pair, 127, range).map(Math.round)).toEqual(Float32Array.from(codes));
  }
});

test('weights in Constant nodes, in subgraphs, and behind old-style inputs are quantized too', async () => {
  const body = makeGraph({
    name: 'body',
    nodes: [makeNode('MatMul', ['x', 'outer'], ['h']), makeNode('MatMul', ['h', 'own'], ['z'])],
    initializers: [weights('own', [4, 4])],
    inputs: [],
    outputs: [tensorInfo('z', 1, [1, 4])],
  });
  const graph = makeGraph({
    nodes: [
      makeNode('Constant', [], ['k'], { value: { tensor: weights('', [4, 4]) } }),
      makeNode('Transpose', ['k'], ['kt']),
      makeNode('If', ['yes'], ['a'], {
        then_branch: { graph: body },
        else_branch: {
          graph: {
            ...body,
            name: 'other',
            nodes: [makeNode('Identity', ['x'], ['z2'])],
            initializers: [],
            outputs: [tensorInfo('z2', 1, [1, 4])],
          },
        },
      }),
      makeNode('MatMul', ['a', 'kt'], ['y']),
    ],
    initializers: [
      weights('outer', [4, 4]),
      { name: 'yes', dataType: DataType.BOOL, dims: [], rawData: Uint8Array.of(1) },
    ],
    inputs: [
      tensorInfo('x', 1, [1, 4]),
      tensorInfo('outer', 1, [4, 4]),
      tensorInfo('yes', DataType.BOOL, []),
    ],
    outputs: [tensorInfo('y', 1, [1, 4])],
  });
  const source = makeModel(graph, { opset: 8, irVersion: 4 });
  const { model } = exportModel(source, { bits: 4 });
  expect(crossbarTensors(model).map(({ name, codes }) => [name, codes?.bits])).toEqual([
    ['outer', 4],
    ['own', 4],
    ['k', 4],
  ]);
  expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'yes']);
  // onnxruntime sums a MatMul in another order when the weights are stored rather than computed.
  const expected = await outputsOf(withEffectiveWeights(source, model, 'k'));
  expect(relativeDifference(expected, await outputsOf(model))).toBeLessThan(1e-6);
});

test('what cannot be quantized is refused, all of it', () => {
  const half = (name: string) => ({
    ...weights(name, [2, 2]),
    dataType: DataType.FLOAT16,
    rawData: new Uint8Array(8),
  });
  const graph = makeGraph({
    nodes: [makeNode('MatMul', ['x', 'h'], ['a']), makeNode('MatMul', ['b', 'n'], ['c'])],
    initializers: [half('h'), half('n')],
    inputs: [],
    outputs: [],
  });
  expect.assertions(2);
  try {
    exportModel(makeModel(graph), { bits: 8 });
  } catch (error) {
    expect(error).toBeInstanceOf(TemperError);
    expect((error as TemperError).problems).toHaveLength(2);
  }
});

test('a tensor that is quantized already stays, and is described beside the new ones', () => {
  const { model } = exportModel(convNet(13), { bits: 8 });
  const extra = makeNode('MatMul', ['late', 'late'], ['unread']);
  const late = weights('late', [2, 2]);
  const { graph } = model;
  const mixed = {
    ...model,
    graph: { ...graph, nodes: [...graph.nodes, extra], initializers: [...graph.initializers, late] },
  };
  const again = exportModel(mixed, { bits: 4 });
  expect(again.crossbar!.tensors.map(({ name, bits }) => [name, bits])).toEqual([
    ['w1', 8],
    ['w2', 8],
    ['w3', 8],
    ['late', 4],
  ]);
  expect(again.notes.filter((note) => note.includes('already quantized'))).toHaveLength(1);
});

test('where nothing is left to quantize, export is refused: its description would replace the one that holds', () => {
  const { model } = exportModel(convNet(13), { bits: 8 });
  expect(() => exportModel(model, { bits: 4 })).toThrow(/already quantized/);
  const graph = makeGraph({ nodes: [makeNode('Relu', ['x'], ['y'])], inputs: [], outputs: [] });
  expect(() => exportModel(makeModel(graph), { bits: 8 })).toThrow(/no weights/);
});

const files = sharedModels();

// vitest fails a suite in which no test is found.
describe.skipIf(files.length === 0)('models that others made', () => {
  test.for(files)('without passes %s stays the same, byte for byte', async (file) => {
    const source = await readModel(file);
    expect(exportModel(source).model).toBe(source);
    if (!file.includes('external-data'))
      expect(Buffer.compare(encodeModel(source), readFileSync(file))).toBe(0);
  });

  const quantizable = files.filter((file) =>
    /resnet20|zkml|mnist-8|netkit_mnist|tinyml_fp32|tinyCNN|blauer|mlp/.test(basename(file)),
  );
  test.skipIf(files.length === 0).for(quantizable)(
    '4 and 8 bits of %s',
    { timeout: 60_000 },
    async (file) => {
      const source = await readModel(file);
      const before = await outputsOf(source);
      for (const bits of [8, 4] as const) {
        const { model } = exportModel(source, { bits });
        const difference = relativeDifference(before, await outputsOf(model));
        expect(difference).toBeGreaterThan(0);
        if (bits === 8) expect(difference).toBeLessThan(0.2);
      }
    },
  );
});
