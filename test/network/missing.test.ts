/** Optional operands and attributes that a file leaves out, for every operator: taken as the specification says, or refused in words. */
import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../src/cli/inspect/inspection.js';
import { TemperError } from '../../src/errors.js';
import { operators } from '../../src/network/operators.js';
import type { Model, Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { examplesOf } from '../contracts/example.js';
import { oneNode } from '../contracts/oneNode.js';

/** Words of JavaScript and of libraries, which say nothing to somebody with a file. */
const foreign =
  /undefined|Cannot (convert|read|mix)|is not (a function|iterable|defined)|\bNaN\b|BigInt|null|object Object|Error:|Invalid|typed array/;

describe.each(operators.map((operator) => [operator.type, operator] as const))('%s', (_, operator) => {
  it.each(
    examplesOf(operator)
      .slice(0, 1)
      .map((example, i) => [i, example] as const),
  )('example %i with less than it has', (_, example) => {
    const { model } = oneNode(operator, example);
    for (const [left, variant] of lessened(model)) {
      const problems = problemsOf(variant);
      expect(problems, left).not.toMatch(foreign);
    }
  });
});

function* lessened(model: Model): Iterable<[string, Model]> {
  const [node] = model.graph.nodes as [Node];
  const of = (change: Partial<Node>): Model => ({
    ...model,
    graph: { ...model.graph, nodes: [{ ...node, ...change }] },
  });
  for (const [i, name] of node.inputs.entries()) {
    if (name === '') continue;
    yield [`input ${i} empty`, of({ inputs: node.inputs.with(i, '') })];
    yield [`inputs from ${i} on absent`, of({ inputs: node.inputs.slice(0, i) })];
  }
  const optional = [...node.inputs.keys()].slice(1);
  for (const i of optional)
    for (const k of optional.filter((other) => other > i))
      yield [`inputs ${i} and ${k} empty`, of({ inputs: node.inputs.with(i, '').with(k, '') })];
  for (const tensor of model.graph.initializers) {
    const empty = makeTensor(tensor.name, tensor.dataType, [0], []);
    const initializers = model.graph.initializers.map((other) => (other === tensor ? empty : other));
    yield [`${tensor.name} of no elements`, { ...model, graph: { ...model.graph, initializers } }];
  }
  for (const { name } of node.attributes)
    yield [`without ${name}`, of({ attributes: node.attributes.filter((other) => other.name !== name) })];
  if (node.attributes.length > 1) yield ['without attributes', of({ attributes: [] })];
  for (const [i] of node.outputs.entries())
    yield [`output ${i} empty`, of({ outputs: node.outputs.with(i, '') })];
}

/** Throws what is a bug. */
function problemsOf(model: Model): string {
  try {
    const { unsupported, unmapped, notSpiking } = inspectModel(model, { path: 'm', bytes: 1, sha256: '' });
    return JSON.stringify([unsupported, unmapped, notSpiking]);
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    return error.message;
  }
}
