import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { describe, expect, it, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { decodeModel, encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { sharedModels } from './shared.js';

const tensor = makeTensor('w', DataType.FLOAT, [2, 2], [1, -2, 3.5, 0]);

function sample(): Model {
  const body = makeGraph({
    name: 'body',
    nodes: [makeNode('Neg', ['x'], ['z'])],
    inputs: [],
    outputs: [tensorInfo('z', 1)],
  });
  const node = makeNode(
    'Conv',
    ['x', 'w', ''],
    ['y'],
    {
      group: 1,
      auto_pad: 'VALID',
      pads: [0, 0, -1, 2],
      alpha: { float: 0.1 },
      scales: { floats: [0.5, 2] },
      names: { strings: ['a', 'ü'] },
      value: { tensor },
      body: { graph: body },
      end: 2n ** 63n - 1n,
    },
    { name: 'conv', domain: 'com.example' },
  );
  const graph = makeGraph({
    nodes: [node],
    initializers: [tensor],
    inputs: [tensorInfo('x', 1, ['N', 3, undefined])],
    outputs: [tensorInfo('y', 1)],
  });
  return makeModel(graph, { metadata: { author: 'Böhm' } });
}

describe('a model', () => {
  it('survives encoding and decoding', () => {
    expect(decodeModel(encodeModel(sample()))).toEqual(sample());
  });

  it('keeps what later versions of ONNX may add', () => {
    const future = Uint8Array.of(0xfa, 0x3e, 0x02, 0x08, 0x07); // field 1007, 2 bytes
    const model = sample();
    model.unknownFields = [future];
    model.graph.nodes[0]!.unknownFields = [future, future];
    model.graph.inputs[0]!.tensorType!.unknownFields = [future];
    model.graph.initializers = [{ ...tensor, unknownFields: [future] }];
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  it('keeps types other than dense tensors, denotations, sparse tensors, training and device annotations', () => {
    const model = sample();
    const tensorType = { elemType: 1, shape: [1, 'C'], dimDenotations: ['DATA_BATCH', undefined] };
    model.graph.inputs.push(
      { name: 's', otherType: { sequenceType: { elemType: { tensorType } } } },
      {
        name: 'm',
        otherType: { mapType: { keyType: 7, valueType: { optionalType: { elemType: { tensorType } } } } },
      },
      { name: 'i', tensorType, otherType: { denotation: 'IMAGE' } },
    );
    model.graph.sparseInitializers = [{ values: tensor, indices: tensor, dims: [4, 4] }];
    model.graph.quantizationAnnotations = [
      { tensorName: 'w', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 's' }] },
    ];
    model.modelVersion = -(2n ** 63n);
    model.trainingInfo = [{ algorithm: model.graph, updateBindings: [{ key: 'w', value: 'w2' }] }];
    model.configurations = [{ name: 'two', numDevices: 2, devices: ['a', 'b'] }];
    model.graph.nodes[0]!.deviceConfigurations = [
      {
        configurationId: 'two',
        shardingSpecs: [
          {
            tensorName: 'w',
            devices: [0n, -1n],
            deviceGroups: [{ key: -1n, values: [0n, 1n] }],
            shardedDims: [{ axis: 0n, simpleShardings: [{ dimParam: 'N', numShards: 2n }] }],
          },
        ],
      },
    ];
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  it('is read alike by an independent decoder (onnx-proto, ONNX 1.10)', () => {
    const other = onnx.ModelProto.decode(encodeModel(sample()));
    const node = other.graph!.node![0]!;
    const attributes = Object.fromEntries(node.attribute!.map((entry) => [entry.name, entry]));
    expect(node.input).toEqual(['x', 'w', '']);
    expect([node.name, node.opType, node.domain]).toEqual(['conv', 'Conv', 'com.example']);
    expect(attributes.pads!.ints!.map(Number)).toEqual([0, 0, -1, 2]);
    expect(attributes.end!.i!.toString()).toBe('9223372036854775807');
    expect(attributes.alpha!.f).toBe(Math.fround(0.1));
    expect(attributes.scales!.floats).toEqual([0.5, 2]);
    expect(new TextDecoder().decode(attributes.auto_pad!.s!)).toBe('VALID');
    expect(attributes.body!.g!.node![0]!.opType).toBe('Neg');
    expect(attributes.value!.t!.dims!.map(Number)).toEqual([2, 2]);
    expect(Array.from(attributes.value!.t!.rawData!)).toEqual(Array.from(tensor.rawData!));
    expect(
      other.graph!.input![0]!.type!.tensorType!.shape!.dim!.map(
        (dim) => dim.dimParam || Number(dim.dimValue),
      ),
    ).toEqual(['N', 3, 0]);
    expect(Number(other.opsetImport![0]!.version)).toBe(21);
    expect(other.metadataProps![0]).toMatchObject({ key: 'author', value: 'Böhm' });
  });

  it('is decoded from the bytes of the independent encoder', () => {
    const other = onnx.ModelProto.encode(onnx.ModelProto.decode(encodeModel(sample()))).finish();
    expect(decodeModel(other)).toMatchObject({ ...sample(), opsetImport: [{ version: 21 }] });
  });
});

const files = sharedModels();

// vitest fails a suite in which no test is found.
describe.skipIf(files.length === 0)('models that others made', () => {
  test.for(files)('%s comes out byte for byte', (file) => {
    const bytes = readFileSync(file);
    const model = decodeModel(bytes);
    const encoded = encodeModel(model);
    expect(Buffer.compare(encoded, bytes), basename(file)).toBe(0);
    expect(isDeepStrictEqual(decodeModel(encoded), model)).toBe(true);
  });
});

describe('bytes that are not ONNX', () => {
  const bytes = encodeModel(sample());
  const refused = (input: Uint8Array) => {
    try {
      return decodeModel(input) && 'decoded';
    } catch (error) {
      if (error instanceof TemperError && error.kind === 'model') return 'refused';
      throw error;
    }
  };

  it('are refused: empty, cut off anywhere inside the graph', () => {
    expect(refused(new Uint8Array())).toBe('refused');
    for (let end = 1; end < bytes.length - 20; end += 7)
      expect(refused(bytes.subarray(0, end))).toBe('refused');
  });

  it('never crash the decoder: random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) =>
        ['refused', 'decoded'].includes(refused(input)),
      ),
    );
  });

  it('never crash the decoder: damaged files; what decodes can be encoded', () => {
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        if (refused(damaged) === 'refused') return;
        const model = decodeModel(damaged);
        expect(decodeModel(encodeModel(model))).toEqual(model);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses nesting without end', () => {
    let graph = makeGraph({ nodes: [], inputs: [], outputs: [] });
    for (let depth = 0; depth < 200; depth++) {
      graph = makeGraph({
        nodes: [makeNode('If', [], [], { then_branch: { graph } })],
        inputs: [],
        outputs: [],
      });
    }
    expect(() => encodeModel(makeModel(graph))).toThrow(TemperError);
  });
});

test('100 MB of weights decode fast, without copying them', { timeout: 60_000 }, () => {
  const big: Model = sample();
  big.graph.initializers = Array.from({ length: 100 }, (_, i) => ({
    name: `w${i}`,
    dataType: DataType.FLOAT,
    dims: [262_144],
    rawData: new Uint8Array(1 << 20),
  }));
  const bytes = encodeModel(big);
  const start = performance.now();
  const model = decodeModel(bytes);
  expect(performance.now() - start).toBeLessThan(2000);
  expect(model.graph.initializers[99]!.rawData!.buffer).toBe(bytes.buffer);
});
