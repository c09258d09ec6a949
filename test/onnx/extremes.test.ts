import { expect, it } from 'vitest';
import { checkModel } from '../../src/import/check.js';
import { extremeProblems } from '../../src/onnx/extremes.js';
import { int64, model, node } from '../network/onnxModels.js';

it.each([
  [
    'a block of 2^40 pixels',
    [node('DepthToSpace', ['x'], ['y'], { blocksize: 2 ** 40 })],
    [],
    /"blocksize" of 1099511627776/,
  ],
  [
    'a constant of 2^31 elements',
    [node('ConstantOfShape', ['s'], ['y'])],
    [int64('s', [2 ** 31])],
    /shape of \[2147483648\]/,
  ],
  [
    'many small extents',
    [node('Expand', ['x', 's'], ['y'])],
    [int64('s', [1024, 1024, 1024])],
    /1024, 1024, 1024/,
  ],
])('%s is refused, before anybody is asked to compute it', (_, nodes, stored, reason) => {
  const file = model(['n', 4, 2, 2], nodes, stored);
  expect(extremeProblems(file)[0]?.what).toMatch(reason);
  expect(checkModel(file)[0]?.what).toMatch(reason);
});

it('what is made in steps is refused where it grows', () => {
  const nodes = [
    node('Mul', ['s', 's'], ['t']),
    node('ConstantOfShape', ['t'], ['k']),
    node('ReduceMax', ['k'], ['m'], { keepdims: 0 }),
    node('Add', ['x', 'm'], ['y']),
  ];
  const file = model(['n', 4], nodes, [int64('s', [16384])]);
  expect(checkModel(file)[0]?.what).toMatch(/more than 134217728 elements are not made/);
});

it('"to the end" is no extreme', () => {
  const ends = node('Slice', ['x'], ['y'], { starts: [0], ends: [2 ** 62], axes: [1] });
  expect(extremeProblems(model(['n', 4], [ends], [], 9))).toEqual([]);
});
