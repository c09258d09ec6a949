import { expect, it } from 'vitest';
import { TemperError } from '../../../src/errors.js';
import { planSnn } from '../../../src/finetune/snn/plan.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Model, type Node } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';

/** A model over x [N, 4] with the weights w, v [4, 4] and b [4]; every value that no node reads is an output. */
function modelOf(nodes: Node[], inputType: number = DataType.FLOAT): Model {
  const weights = ['w', 'v'].map((name) => makeTensor(name, DataType.FLOAT, [4, 4], new Float32Array(16)));
  const bias = makeTensor('b', DataType.FLOAT, [4], new Float32Array(4));
  const read = new Set(nodes.flatMap((node) => node.inputs));
  const ends = nodes.flatMap((node) => node.outputs).filter((name) => !read.has(name));
  return makeModel(
    makeGraph({
      nodes,
      initializers: [...weights, bias],
      inputs: [tensorInfo('x', inputType, ['N', 4])],
      outputs: ends.map((name) => tensorInfo(name, DataType.FLOAT)),
    }),
  );
}

function problemsOf(model: Model) {
  try {
    planSnn(model);
  } catch (error) {
    if (error instanceof TemperError) return error.problems;
    throw error;
  }
  return [];
}

const names = (nodes: readonly Node[]) => nodes.map((node) => node.outputs[0]);

it('puts the first layer into the head, Softmax into the tail and the rest into the body', () => {
  const plan = planSnn(
    modelOf([
      makeNode('MatMul', ['x', 'w'], ['a']),
      makeNode('Add', ['a', 'b'], ['c']),
      makeNode('Relu', ['c'], ['r']),
      makeNode('MatMul', ['r', 'v'], ['logits']),
      makeNode('Softmax', ['logits'], ['p']),
      makeNode('Identity', ['p'], ['q']),
    ]),
  );
  expect(names(plan.head)).toEqual(['a', 'c']);
  expect(names(plan.body)).toEqual(['r', 'logits']);
  expect(names(plan.tail)).toEqual(['p', 'q']);
  expect(names(plan.neurons)).toEqual(['r']);
  expect(plan.averaged).toEqual(['logits']);
});

it('keeps residual sums, branches and shape arithmetic of the body', () => {
  const plan = planSnn(
    modelOf([
      makeNode('Relu', ['x'], ['r1']),
      makeNode('MatMul', ['r1', 'w'], ['m']),
      makeNode('Add', ['m', 'r1'], ['sum']),
      makeNode('Relu', ['sum'], ['r2']),
      makeNode('Shape', ['r2'], ['shape']),
      makeNode('Reshape', ['r2', 'shape'], ['y']),
    ]),
  );
  expect(names(plan.neurons)).toEqual(['r1', 'r2']);
  expect(names(plan.body)).toEqual(['r1', 'm', 'sum', 'r2', 'shape', 'y']);
  expect(plan.averaged).toEqual(['y']);
});

it('averages every output of the body, once', () => {
  const nodes = [makeNode('Relu', ['x'], ['r'], {}), makeNode('Neg', ['r'], ['n'])];
  const model = modelOf(nodes);
  model.graph.outputs.push(tensorInfo('r', DataType.FLOAT), tensorInfo('n', DataType.FLOAT));
  expect(planSnn(model).averaged).toEqual(['n', 'r']);
});

it('tells every problem at once, with the node and a way out', () => {
  const problems = problemsOf(
    modelOf([
      makeNode('Relu', ['x'], ['r'], {}, { name: 'act' }),
      makeNode('MaxPool', ['r'], ['pooled'], {}, { name: 'pool' }),
      makeNode('Sigmoid', ['pooled'], ['s'], {}, { name: 'gate' }),
      makeNode('MatMul', ['s', 'w'], ['m'], {}, { name: 'fc' }),
      makeNode('Mul', ['m', 'r'], ['product'], {}, { name: 'scale' }),
      makeNode('Clip', ['product'], ['c']),
      makeNode('Foo', ['c'], ['f'], {}, { name: 'foo', domain: 'custom' }),
    ]),
  );
  expect(problems).toEqual([
    expect.objectContaining({
      what: 'MaxPool cannot carry spikes',
      where: 'node "pool" (MaxPool)',
      hint: expect.stringMatching(/average pooling/),
    }),
    expect.objectContaining({
      what: 'Sigmoid between layers',
      where: 'node "gate" (Sigmoid)',
      hint: expect.stringMatching(/Relu/),
    }),
    expect.objectContaining({ what: 'Mul of two activations is not affine', where: 'node "scale" (Mul)' }),
    expect.objectContaining({
      what: 'Clip cannot carry spikes',
      where: 'node #5 (Clip) -> c',
      hint: expect.stringMatching(/Relu/),
    }),
    expect.objectContaining({ what: 'custom.Foo cannot carry spikes' }),
  ]);
});

it('refuses products of activations hidden in weighted operators', () => {
  const relu = makeNode('Relu', ['x'], ['r']);
  const [conv] = problemsOf(modelOf([relu, makeNode('Conv', ['x', 'r'], ['y'])]));
  expect(conv!.what).toBe('Conv with activations as input 1 is not affine');
  const [matMul] = problemsOf(modelOf([relu, makeNode('MatMul', ['r', 'r'], ['y'])]));
  expect(matMul!.what).toBe('MatMul of two activations is not affine');
  expect(problemsOf(modelOf([relu, makeNode('Gemm', ['r', 'w', 'x'], ['y'])]))).toEqual([]);
});

it('refuses a graph without neurons, activations of other types, and shapes that outlive the loop', () => {
  expect(problemsOf(modelOf([makeNode('MatMul', ['x', 'w'], ['y'])]))[0]!.what).toMatch(/no Relu/);
  const half = problemsOf(modelOf([makeNode('Relu', ['x'], ['y'])], DataType.FLOAT16));
  expect(half[0]!.what).toMatch(/not float32/);
  const late = problemsOf(
    modelOf([
      makeNode('Relu', ['x'], ['r']),
      makeNode('Shape', ['r'], ['s']),
      makeNode('Softmax', ['r'], ['p']),
      makeNode('Reshape', ['p', 's'], ['y']),
    ]),
  );
  expect(late[0]!.what).toMatch(/"s", a shape taken from spiking activations/);
});

it('leaves Relu of constants and readouts before any neuron alone', () => {
  const plan = planSnn(
    modelOf([
      makeNode('Relu', ['b'], ['positive']),
      makeNode('Add', ['x', 'positive'], ['a']),
      makeNode('Sigmoid', ['a'], ['probability']),
      makeNode('Relu', ['a'], ['r']),
    ]),
  );
  expect(names(plan.neurons)).toEqual(['r']);
  expect(names(plan.head)).toEqual(['positive', 'a', 'probability']);
});

it('leaves out what no output needs', () => {
  const model = modelOf([
    makeNode('Relu', ['x'], ['r']),
    makeNode('MaxPool', ['r'], ['unused']),
    makeNode('Relu', ['unused'], ['dead']),
  ]);
  model.graph.outputs = [tensorInfo('r', DataType.FLOAT)];
  expect(names(planSnn(model).body)).toEqual(['r']);
});

it('takes both spellings of the standard domain', () => {
  const nodes = [makeNode('Relu', ['x'], ['y'], {}, { domain: 'ai.onnx' })];
  expect(names(planSnn(modelOf(nodes)).neurons)).toEqual(['y']);
});
