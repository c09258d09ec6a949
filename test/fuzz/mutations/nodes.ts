/** Nodes that compute something else, with other operands, or that were never there. */
import { operators } from '../../../src/network/operators.js';
import { makeAttribute, makeNode } from '../../../src/onnx/build.js';
import { DataType, type Graph, type Model } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import type { Draw } from '../draw.js';
import { integers, others } from '../extremes.js';
import { graphsOf, namesIn, nodesOf, strike } from './place.js';

const imported = operators.map(({ type }) => type);

function anyOperator(draw: Draw): string {
  return draw.chance(0.9) ? draw.pick(imported) : draw.pick(others);
}

function otherOperator(model: Model, draw: Draw): void {
  strike(draw, nodesOf(model), (node) => {
    node.opType = anyOperator(draw);
    if (draw.chance(0.5)) node.attributes = [];
  });
}

/** Operands left out, doubled, swapped; outputs too many. */
function operands(model: Model, draw: Draw): void {
  strike(draw, nodesOf(model), (node) => {
    const kind = draw.below(5);
    const at = draw.below(Math.max(1, node.inputs.length));
    if (kind === 0) node.inputs.splice(at, 1);
    else if (kind === 1) node.inputs[at] = '';
    else if (kind === 2) node.inputs.reverse();
    else if (kind === 3) node.inputs.push(...node.inputs);
    else node.outputs.push(...Array.from({ length: draw.upTo(300) }, (_, i) => `more_${i}`));
  });
}

/** A small constant of extreme integers, as shapes, axes, repeats, pads and sizes are given. */
function extremeOperand(graph: Graph, draw: Draw): string {
  const name = `operand_${graph.initializers.length}`;
  const values = Array<bigint>(draw.pick([0, 1, 1, 2, 2, 3, 4, 8])).fill(draw.pick([0n, 1n, 1n]));
  for (let i = draw.pick([0, 1, 1, 2, 8]); i > 0 && values.length > 0; i--)
    values[draw.below(values.length)] = draw.pick(integers);
  const dims = values.length === 1 && draw.chance(0.3) ? [] : [values.length];
  graph.initializers.push(makeTensor(name, DataType.INT64, dims, values));
  return name;
}

/** A node of any operator on values of the graph and extreme constants, whose result leads to an output. */
function newNode(model: Model, draw: Draw): void {
  const { graph } = model;
  const operator = draw.pick(operators);
  const inputs = operator.inputs.map((_, i) =>
    draw.chance(i === 0 ? 0.1 : 0.6) ? extremeOperand(graph, draw) : draw.pick([...namesIn(graph), '']),
  );
  // What has few values that are understood, and what is a single one, is refused before anything is computed.
  const attributes = Object.entries(operator.attributes).filter(
    ([, spec]) => spec.required || (!spec.only && draw.chance(0.2)),
  );
  const node = makeNode(operator.type, inputs, ['grown']);
  for (const [name, { kind, fallback }] of attributes) {
    if (kind === 'int')
      node.attributes.push(makeAttribute(name, draw.pick([0n, 1n, -1n, 1n, draw.pick(integers)])));
    else if (kind === 'ints') {
      const ints = Array.from({ length: draw.below(5) }, () => draw.pick(integers));
      node.attributes.push({ name, type: 7, ints });
    } else if (kind === 'string') node.attributes.push(makeAttribute(name, String(fallback ?? '')));
  }
  graph.nodes.push(node);
  graph.outputs.push({ name: 'grown' });
}

/** A value goes through an operator before it is used: results too large for this one meet the next. */
function between(model: Model, draw: Draw): void {
  strike(draw, graphsOf(model), (graph) =>
    strike(draw, graph.nodes, (node) => {
      const at = draw.below(Math.max(1, node.inputs.length));
      const name = `between_${graph.nodes.length}`;
      const type = draw.pick([
        'Expand',
        'Tile',
        'Reshape',
        'ConstantOfShape',
        'Gather',
        'Pad',
        anyOperator(draw),
      ]);
      const shape = extremeOperand(graph, draw);
      const inputs = type === 'ConstantOfShape' ? [shape] : [node.inputs[at] ?? '', shape];
      graph.nodes.splice(graph.nodes.indexOf(node), 0, makeNode(type, inputs, [name]));
      node.inputs[at] = name;
    }),
  );
}

function opset(model: Model, draw: Draw): void {
  model.opsetImport = [{ domain: draw.pick(['', 'ai.onnx']), version: draw.between(6, 27) }];
  if (draw.chance(0.1)) model.opsetImport.push({ domain: '', version: 2 ** 40 });
}

export const nodeMutations = { otherOperator, operands, newNode, between, opset };
