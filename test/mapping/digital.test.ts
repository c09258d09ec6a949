import { expect, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { arrange, digitalKey, digitalNotes, weightCounts } from '../../src/mapping/digital.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { setMetadata } from '../../src/onnx/walk.js';
import { drawn } from './lines.js';

const { FLOAT } = DataType;

function matrix(name: string, dims: number[]) {
  const size = dims.reduce((product, extent) => product * extent, 1);
  return makeTensor(
    name,
    FLOAT,
    dims,
    Float32Array.from({ length: size }, (_, i) => i / size),
  );
}

/** MatMul, LSTM, and a Gemm whose weights are a product of two stored tensors. */
function mixed(): Model {
  const nodes = [
    makeNode('MatMul', ['x', 'net.first'], ['a'], {}, { name: 'embed/in' }),
    makeNode('LSTM', ['a', 'W', 'R'], ['h'], { hidden_size: 2 }, { name: 'memory' }),
    makeNode('Squeeze', ['h'], ['s']),
    makeNode('Mul', ['v', 'g'], ['normed']),
    makeNode('MatMul', ['s', 'normed'], ['t'], {}, { name: 'normalized' }),
    makeNode('Gemm', ['t', 'net.last'], ['y'], {}, { name: 'head' }),
  ];
  const initializers = [
    matrix('net.first', [3, 4]),
    matrix('W', [1, 8, 4]),
    matrix('R', [1, 8, 2]),
    matrix('v', [2, 5]),
    matrix('g', [1, 5]),
    matrix('net.last', [5, 2]),
  ];
  const inputs = [tensorInfo('x', FLOAT, [7, 1, 3])];
  const outputs = [tensorInfo('y', FLOAT, [7, 2])];
  return makeModel(makeGraph({ nodes, initializers, inputs, outputs }));
}

const onCrossbar = (patterns?: string[], model = mixed()) =>
  arrange(model, patterns).crossbar.map(({ name }) => name);

function problems(patterns: string[] | undefined, model = mixed()) {
  try {
    arrange(model, patterns);
  } catch (error) {
    expect(error).toBeInstanceOf(TemperError);
    const { kind, problems: found } = error as TemperError;
    return { kind, told: found.map(({ what, hint }) => `${what}; ${hint}`) };
  }
  throw new Error('the choice was accepted');
}

test.each([
  [['net.last'], ['net.first']],
  [['head'], ['net.first']],
  [['Gemm'], ['net.first']],
  [['embed/*'], ['net.last']],
  [['*first'], ['net.last']],
  [['n*.f*t'], ['net.last']],
  [['none'], ['net.first', 'net.last']],
  [[], ['net.first', 'net.last']],
])('%j leaves %j on the crossbar', (patterns, expected) => {
  expect(onCrossbar(patterns)).toEqual(expected);
});

test('what no chip could disturb can be chosen too, and is refused no longer', () => {
  const told = (patterns: string[]) => arrange(mixed(), patterns).refused.map(({ layer }) => layer.opType);
  expect(told([])).toEqual(['LSTM', 'MatMul']);
  expect(told(['LSTM'])).toEqual(['MatMul']);
  expect(told(['normalized', 'memory'])).toEqual([]);
  expect(arrange(mixed(), ['memory', 'v']).digital).toMatchObject([
    { tensors: ['W', 'R'], opType: 'LSTM', weights: 48 },
    { tensors: expect.arrayContaining(['v', 'g']), opType: 'MatMul', weights: 15 },
  ]);
});

test.each(['slopes', 'PRelu', 'total', 'f_8x1'])(
  'what scales activations that are summed elsewhere can be named: %s',
  (name) => {
    const model = drawn(
      [
        ['PRelu', 'x f_8x1', 'slopes'],
        ['ReduceSum', 'slopes i_1', 'total', { keepdims: 0 }],
        ['MatMul', 'total f_4x4', 'y'],
      ],
      ['N', 8, 4],
    );
    expect(arrange(model, []).refused[0]!.problem.what).toContain('node #0 (PRelu) -> slopes');
    const { refused, digital } = arrange(model, [name]);
    expect(refused).toEqual([]);
    expect(digital).toMatchObject([{ tensors: ['f_8x1'] }]);
  },
);

test('every weight is counted once', () => {
  expect(weightCounts(arrange(mixed(), ['LSTM']))).toEqual({
    crossbar: 12 + 10,
    digital: 48,
    unplaced: 15,
    all: 12 + 10 + 48 + 15,
  });
  const [note] = digitalNotes(arrange(mixed(), ['LSTM', 'head']));
  expect(note).toMatch(/^58 of 85 weights \(68 %\) digital: .*"W" \(LSTM, 48\), "net.last" \(Gemm, 10\)\.$/);
});

test('what matches nothing is refused with names that are close, all at once', () => {
  const { kind, told } = problems(['net.lats', 'LSTM', 'quite*else', 'embed*other']);
  expect(kind).toBe('usage');
  expect(told).toEqual([
    expect.stringMatching(/"net.lats".*did you mean "net.last"/),
    expect.stringMatching(/"quite\*else".*names are "net.first", "embed\/in"/),
    expect.stringMatching(/"embed\*other"/),
  ]);
});

test('something must be left on the crossbar', () => {
  expect(problems(['net.*']).told).toEqual([expect.stringContaining('no weight is left on the crossbar')]);
});

test('a file says which layers are digital by exact names; an option overrules it', () => {
  const says = (text: string) => setMetadata(mixed(), digitalKey, text);
  const model = says('["net.last"]');
  expect(onCrossbar(undefined, model)).toEqual(['net.first']);
  expect(arrange(model).chosenBy).toBe('file');
  expect(onCrossbar(['none'], model)).toEqual(['net.first', 'net.last']);
  expect(onCrossbar(['net.first'], model)).toEqual(['net.last']);
  for (const [text, told] of [
    ['["*"]', /no layer is called "\*"/],
    ['["Gemm"]', /no layer is called "Gemm"/],
    ['["net.first","net.last"]', /no weight is left/],
    ['{"a":1}', /no JSON list of names/],
    ['[1]', /no JSON list of names/],
    ['x', /no JSON list of names/],
  ] as const) {
    const found = problems(undefined, says(text));
    expect(found.kind).toBe('model');
    expect(found.told[0]).toMatch(told);
    expect(found.told[0]).toContain('none');
  }
});

test('a tensor that several nodes refuse counts once', () => {
  const nodes = [
    makeNode('Mul', ['x', 'k'], ['s']),
    ...['ReduceMean', 'ReduceMax'].map((type) => makeNode(type, ['s'], [type], { axes: [1] })),
    makeNode('Add', ['ReduceMean', 'ReduceMax'], ['t']),
    makeNode('MatMul', ['x', 'w'], ['a']),
    makeNode('Add', ['a', 't'], ['y']),
  ];
  const graph = makeGraph({
    nodes,
    initializers: [matrix('k', [1, 4]), matrix('w', [4, 2])],
    inputs: [tensorInfo('x', FLOAT, [7, 4])],
    outputs: [tensorInfo('y', FLOAT, [7, 2])],
  });
  const arrangement = arrange(makeModel(graph), ['k']);
  expect(arrangement.refused).toEqual([]);
  expect(weightCounts(arrangement)).toMatchObject({ crossbar: 8, digital: 4 });
});

test('a preparation of the data is told as digital, and can be named', () => {
  const nodes = [
    makeNode('Mul', ['x', 'grey'], ['shares'], {}, { name: 'colours' }),
    makeNode('ReduceSum', ['shares', 'one'], ['g'], { keepdims: 0 }),
    makeNode('MatMul', ['g', 'w'], ['y']),
  ];
  const of = (numbers: number[]) =>
    makeModel(
      makeGraph({
        nodes,
        initializers: [
          makeTensor('grey', FLOAT, [1, 3, 1], numbers),
          makeTensor('one', DataType.INT64, [1], [1n]),
          matrix('w', [4, 2]),
        ],
        inputs: [tensorInfo('x', FLOAT, [7, 3, 4])],
        outputs: [tensorInfo('y', FLOAT, [7, 2])],
      }),
    );
  const grey = of([0.299, 0.587, 0.114]);
  const told = arrange(grey);
  expect(told.refused).toEqual([]);
  expect(told.harmless).toContainEqual({
    name: 'grey',
    reason: expect.stringMatching(/colours in a grey picture.*digital/),
  });
  expect(digitalNotes(told)).toEqual([expect.stringMatching(/"grey" of node "colours".*free of noise/)]);
  for (const name of ['grey', 'colours']) {
    const chosen = arrange(grey, [name]);
    expect(chosen.digital).toMatchObject([{ tensors: ['grey'], weights: 3 }]);
    expect(chosen.harmless.map((entry) => entry.name)).not.toContain('grey');
    expect(digitalNotes(chosen)).toEqual([expect.stringContaining('"grey" (Mul, 3)')]);
  }
  expect(arrange(of([0.6, 0.3, 0.2])).refused).toMatchObject([{ tensors: ['grey'] }]);
});
