/** Whatever a file says that is not understood is refused: all of it at once, each with its node. */
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../src/import/check.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { int64, model, node, weight } from './onnxModels.js';

function reasons(...given: Parameters<typeof model>): string[] {
  return checkModel(model(...given)).map(({ what, where }) => `${what} at ${where}`);
}

describe('checkModel', () => {
  it('finds nothing wrong with a supported model', () => {
    expect(reasons(['n', 3], [node('Relu', ['x'], ['y'])])).toEqual([]);
  });

  it('names every problem of every node, in one go', () => {
    const nodes = [
      node('Relu', ['x'], ['a'], { alpha: { float: 2 } }),
      node('NoSuchThing', ['a'], ['b'], {}, { name: 'odd' }),
      node('Custom', ['b'], ['c'], {}, { domain: 'com.example' }),
      node('MaxPool', ['c'], ['d', 'indices', 'third'], { auto_pad: 'SOMEHOW' }),
      node('Add', ['d', 'third'], ['y']),
    ];
    expect(reasons(['n', 3, 8, 8], nodes)).toEqual([
      'Relu (opset 17): attribute "alpha" is unknown at node #0 (Relu) -> a',
      'unsupported operator NoSuchThing (opset 17) at node "odd" (NoSuchThing)',
      'unsupported operator com.example.Custom of a custom domain at node #2 (com.example.Custom) -> c',
      'MaxPool (opset 17): attribute "auto_pad" = "SOMEHOW" is not supported at node #3 (MaxPool) -> d',
      'MaxPool (opset 17): attribute "kernel_shape" is missing at node #3 (MaxPool) -> d',
      'MaxPool (opset 17): output 3 ("third") is not computed at node #3 (MaxPool) -> d',
    ]);
  });

  it('knows which operator set an attribute or operator belongs to', () => {
    expect(reasons(['n', 3, 1], [node('Squeeze', ['x'], ['y'], { axes: [2] })], [], 13)).toEqual([
      'Squeeze (opset 13): attribute "axes" does not exist in opset 13 at node #0 (Squeeze) -> y',
    ]);
    expect(reasons(['n', 3], [node('HardSwish', ['x'], ['y'])], [], 11)[0]).toMatch(
      /is not understood in opset 11 \(from 14 on\)/,
    );
    expect(reasons(['n', 3], [node('Relu', ['x'], ['y'])], [], 99)[0]).toMatch(/^opset 99 is not supported/);
  });

  it('ignores what no output needs', () => {
    const nodes = [node('NoSuchThing', ['x'], ['unused']), node('Relu', ['x'], ['y'])];
    expect(reasons(['n', 3], nodes)).toEqual([]);
  });

  it('finds shapes that do not fit, and goes on with nodes that do not depend on them', () => {
    const nodes = [
      node('MatMul', ['x', 'w'], ['a']),
      node('Gemm', ['x', 'w'], ['b']),
      node('Add', ['a', 'b'], ['y']),
    ];
    const found = reasons(['n', 3], nodes, [weight('w', [4, 2])]);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^MatMul \(opset 17\): operands \[5,3\] and \[4,2\] do not fit at node #0/);
    expect(found[1]).toMatch(/^Gemm \(opset 17\): .* at node #1/);
  });

  it('refuses operands that must be constant and are not', () => {
    const nodes = [
      node('Cast', ['x'], ['shape'], { to: DataType.INT64 }),
      node('Reshape', ['x', 'shape'], ['y']),
    ];
    expect(reasons([2], nodes)[0]).toMatch(/^Reshape .*depends on the inputs/);
  });

  it('refuses damaged graphs', () => {
    const cycle = [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])];
    expect(reasons(['n', 3], cycle)[0]).toMatch(/^value "b" is used before any node makes it/);
    expect(reasons(['n', 3], [node('Relu', ['nothing'], ['y'])])[0]).toMatch(
      /^value "nothing" is used before/,
    );
    expect(reasons(['n', 3], [node('Relu', ['x'], ['z'])])[0]).toMatch(/^output "y" is made by no node/);
    const twice = [node('Relu', ['x'], ['y']), node('Neg', ['x'], ['y'])];
    expect(reasons(['n', 3], twice)[0]).toMatch(/^value "y" is made twice/);
    const sum = [node('Add', ['x', 'w'], ['y'])];
    expect(reasons(['n', 3], sum, [weight('w', [3]), weight('w', [3])])[0]).toMatch(
      /^value "w" is made twice/,
    );
  });

  it('refuses types without numbers', () => {
    const strings = { ...makeTensor('s', DataType.INT8, [1], [0]), dataType: DataType.STRING };
    expect(reasons(['n', 1], [node('Add', ['x', 's'], ['y'])], [strings])[0]).toMatch(
      /STRING are not supported at initializer "s"/,
    );
  });

  it('refuses a tensor that is cut short', () => {
    const cut = { ...weight('w', [3, 2]), rawData: new Uint8Array(8) };
    expect(reasons(['n', 3], [node('MatMul', ['x', 'w'], ['y'])], [cut])[0]).toMatch(
      /8 bytes .* at tensor "w"/,
    );
  });

  it('refuses a parameter that no gradient reaches', () => {
    const nodes = [node('MatMul', ['x', 'w'], ['m']), node('Sign', ['m'], ['y'])];
    expect(reasons(['n', 3], nodes, [weight('w', [3, 2])])[0]).toMatch(
      /^no gradient reaches .* at parameter "w"/,
    );
  });

  it('leaves integer shape operands alone', () => {
    const nodes = [node('Unsqueeze', ['x', 'axes'], ['y'])];
    expect(reasons(['n', 3], nodes, [int64('axes', [1])])).toEqual([]);
  });
});
