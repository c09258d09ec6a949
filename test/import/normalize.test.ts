/** What the passes say they did and did not, against graphs of which that is known. */
import { describe, expect, it } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import { makeGraph, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { int64, model, node, weight } from '../network/onnxModels.js';

function reports(made: Model) {
  return Object.fromEntries(
    importModel(made)
      .normalization()
      .map(({ pass, done, notDone }) => [pass, { done, notDone: notDone.map(({ what }) => what) }]),
  );
}

describe('passes', () => {
  it('say which constants are folded, and which are left to onnxruntime', () => {
    const nodes = [
      node('Add', ['a', 'b'], ['shape']),
      node('Reshape', ['x', 'shape'], ['r']),
      node('Shape', ['x'], ['s']),
      node('Reshape', ['r', 's'], ['v']),
      node('Transpose', ['big'], ['turned']),
      node('Neg', ['turned'], ['n']),
      node('Abs', ['w'], ['positive']), // computed weights: trained
      node('MatMul', ['v', 'positive'], ['m']),
      node('ReduceMax', ['n'], ['largest']),
      node('Sub', ['m', 'largest'], ['y']),
    ];
    const stored = [
      ...[int64('a', [-1, 1]), int64('b', [0, 1])],
      ...[weight('w', [2, 80]), weight('big', [90, 80])],
    ];
    const found = reports(model(['n', 2], nodes, stored))['fold constants']!;
    expect(found.done).toEqual(['computed from constants: Add', 'computed from shapes: Shape']);
    expect(found.notDone).toEqual([
      'Transpose: more than 4096 elements',
      'Neg: more than 4096 elements',
      expect.stringContaining('ReduceMax: its operands have more than 4096 elements'),
    ]);
  });

  it('say what became of functions, branches, idle nodes and old forms', () => {
    const branch = (type: string) => ({
      graph: makeGraph({
        nodes: [node(type, ['x'], ['t'])],
        inputs: [],
        outputs: [tensorInfo('t', DataType.FLOAT)],
      }),
    });
    const nodes = [
      node(
        'If',
        ['c'],
        ['i'],
        { then_branch: branch('Relu'), else_branch: branch('Neg') },
        { name: 'choice' },
      ),
      node('Dropout', ['i'], ['d']),
      node('Identity', ['d'], ['e']),
      node('Unsqueeze', ['e'], ['u'], { axes: [1] }),
      node('F', ['u'], ['y'], {}, { domain: 'own' }),
    ];
    const made = model(['n', 3], nodes, [makeTensor('c', DataType.BOOL, [], [1])], 11);
    const body = {
      ...{ name: 'F', domain: 'own', inputs: ['a'], outputs: ['b'], attributes: [], attributeDefaults: [] },
      nodes: [node('Sqrt', ['a'], ['b'])],
      opsetImport: [{ domain: '', version: 11 }],
    };
    const withFunction = { ...made, functions: [body] };
    const before = encodeModel(withFunction);
    const found = reports(withFunction);
    expect(found['inline functions']!.done).toEqual(['F (1 node) in place of 1 call']);
    expect(found['resolve If, Loop and Scan']!.done).toEqual([
      'node "choice" (If): then_branch: the condition is known',
    ]);
    expect(found['drop Identity and Dropout']!.done).toEqual(['Dropout, Identity']);
    expect(found['canonical forms of old operator sets']!.done).toEqual([
      'attribute "axes" of Unsqueeze, opset 11, as the operand that it became',
    ]);
    // The truth stays.
    expect(encodeModel(withFunction)).toEqual(before);
  });

  it('say what they cannot look into', () => {
    const found = reports(model(['n', 'm'], [node('Relu', ['x'], ['y'])]));
    expect(found['fold constants']!.notDone).toEqual([
      'no trial run, as an input is open in more than the batch',
    ]);
  });
});
