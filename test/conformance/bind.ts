/**
 * Binds the inputs that mean shapes, axes, repeats or sizes: those from which operators that may stand in shape
 * arithmetic lead to an operand that must be known when the network is built. Everything else stays an input, so that
 * folding of constants cannot answer for the operators. The trip count and the condition of a Loop are its repeats.
 */
import { inputName } from '../../src/network/operator.js';
import { findOperator } from '../../src/network/operators.js';
import type { Model, Node, Tensor } from '../../src/onnx/model.js';
import { producerMap, subgraphs } from '../../src/onnx/walk.js';
import { dataInputs } from './cases.js';

/** Their results come from shapes, not from values. */
const shapeReaders = new Set(['Shape', 'Size']);

/** Names of the inputs that must be bound. */
export function structuralInputs(model: Model): Set<string> {
  const { graph } = model;
  const producers = producerMap(graph);
  const reached = new Set<string>();
  const waiting = graph.nodes.flatMap(structuralOperands);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '' || reached.has(name)) continue;
    reached.add(name);
    const node = producers.get(name);
    if (node && !shapeReaders.has(node.opType)) waiting.push(...node.inputs);
  }
  const names = dataInputs(model).filter(
    ({ name, tensorType }) => reached.has(name) && (tensorType?.shape?.length ?? 2) <= 1,
  );
  return new Set(names.map(({ name }) => name));
}

/** Operands of a node that must be known; inside bodies, those that come from outside. */
function structuralOperands(node: Node): string[] {
  const operator = findOperator(node.opType);
  const own = node.inputs.filter((_, i) =>
    operator?.structural.includes(inputName(operator.inputs, i) ?? ''),
  );
  return [...own, ...subgraphs(node).flatMap((body) => body.nodes.flatMap(structuralOperands))];
}

/** The model with these inputs stored. */
export function bind(model: Model, tensors: ReadonlyMap<string, Tensor>): Model {
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.filter(({ name }) => !tensors.has(name)),
      initializers: [...graph.initializers, ...tensors.values()],
    },
  };
}
