/** Loops over random numbers of iterations and values, Scans along random axes and directions. */
import fc from 'fast-check';
import { makeGraph, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Graph } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { axis, type Form, type Forms, floats, shape } from './draw.js';

const float = (name: string, of?: readonly number[]) => tensorInfo(name, DataType.FLOAT, of);

/** The first state turns and takes in all the others; the product with what it was is put out. */
function cell(states: readonly string[], inputs: readonly string[]) {
  const [first, ...others] = states as [string, ...string[]];
  return {
    nodes: [
      makeNode('Sin', [first], ['turned']),
      makeNode('Sum', ['turned', ...others, ...inputs], ['next']),
      ...others.map((name) => makeNode('Neg', [name], [`${name}_next`])),
      makeNode('Mul', ['next', first], ['seen']),
    ],
    outputs: ['next', ...others.map((name) => `${name}_next`)],
  };
}

/** The body of a Loop. */
function loopBody(count: number, of: readonly number[], scans: boolean): Graph {
  const states = Array.from({ length: count }, (_, i) => `state_${i}`);
  const { nodes, outputs } = cell(states, []);
  return makeGraph({
    nodes: [makeNode('Identity', ['going'], ['still']), ...nodes],
    inputs: [
      tensorInfo('i', DataType.INT64, []),
      tensorInfo('going', DataType.BOOL, []),
      ...states.map((name) => float(name, of)),
    ],
    outputs: [
      tensorInfo('still', DataType.BOOL, []),
      ...outputs.map((name) => float(name, of)),
      ...(scans ? [float('seen', of)] : []),
    ],
  });
}

function scanBody(states: readonly string[], inputs: readonly string[], of: readonly number[]): Graph {
  const { nodes, outputs } = cell(states, inputs);
  return makeGraph({
    nodes,
    inputs: [...states, ...inputs].map((name) => float(name, of)),
    outputs: [...outputs, 'seen'].map((name) => float(name, of)),
  });
}

const inserted = (of: readonly number[], at: number, extent: number) => [
  ...of.slice(0, at),
  extent,
  ...of.slice(at),
];

const direction = fc.integer({ min: 0, max: 1 });

interface ScanParts {
  of: number[];
  extent: number;
  states: string[];
  inputs: string[];
}

const scanParts: fc.Arbitrary<ScanParts> = fc.record({
  of: shape(1, 2),
  extent: fc.integer({ min: 1, max: 4 }),
  states: fc.constantFrom(['a'], ['a', 'b']),
  inputs: fc.constantFrom(['x'], ['x', 'y']),
});

function scan({ of, extent, states, inputs }: ScanParts): fc.Arbitrary<Form> {
  const rank = of.length + 1;
  return fc
    .record({
      axes: fc.array(axis(rank), { minLength: inputs.length, maxLength: inputs.length }),
      ways: fc.array(direction, { minLength: inputs.length, maxLength: inputs.length }),
      outAxis: axis(rank),
      outWay: direction,
      plain: fc.boolean(),
    })
    .map(({ axes, ways, outAxis, outWay, plain }) => ({
      inputs: [
        ...states.map(() => floats(of)),
        ...axes.map((at) => floats(inserted(of, plain ? 0 : (at + rank) % rank, extent))),
      ],
      attributes: {
        num_scan_inputs: inputs.length,
        body: { graph: scanBody(states, inputs, of) },
        ...(!plain && {
          scan_input_axes: axes,
          scan_input_directions: ways,
          scan_output_axes: [outAxis],
          scan_output_directions: [outWay],
        }),
      },
      outputs: states.length + 1,
    }));
}

/** Of opset 8: a batch, and axis 1 is scanned. */
function batchScan({ of, extent, states, inputs }: ScanParts): fc.Arbitrary<Form> {
  return fc.array(direction, { minLength: inputs.length, maxLength: inputs.length }).map((directions) => ({
    inputs: [null, ...states.map(() => floats([2, ...of])), ...inputs.map(() => floats([2, extent, ...of]))],
    attributes: { num_scan_inputs: inputs.length, directions, body: { graph: scanBody(states, inputs, of) } },
    outputs: states.length + 1,
  }));
}

export const control: Forms = {
  // The branches of an example see no values of it; test/network/control.test.ts takes gradients through them.
  If: () =>
    fc.tuple(fc.boolean(), shape(0, 2)).map(([holds, of]) => {
      const size = of.reduce((product, extent) => product * extent, 1);
      const branch = (value: number) => {
        const tensor = makeTensor('', DataType.FLOAT, of, new Float32Array(size).fill(value));
        const nodes = [makeNode('Constant', [], ['given'], { value: { tensor } })];
        return { graph: makeGraph({ nodes, inputs: [], outputs: [float('given', of)] }) };
      };
      return {
        inputs: [{ bools: [Number(holds)] }],
        attributes: { then_branch: branch(1), else_branch: branch(2) },
      };
    }),
  Loop: () =>
    fc
      .record({
        of: shape(1, 2),
        trips: fc.integer({ min: 0, max: 4 }),
        count: fc.integer({ min: 1, max: 3 }),
        scans: fc.boolean(),
      })
      .map(({ of, trips, count, scans }) => ({
        inputs: [{ ints: trips }, null, ...Array.from({ length: count }, () => floats(of))],
        attributes: { body: { graph: loopBody(count, of, scans) } },
        outputs: count + Number(scans),
      })),
  Scan: (opset) => scanParts.chain(opset === 8 ? batchScan : scan),
};
