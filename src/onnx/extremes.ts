/**
 * Numbers that no network needs and that onnxruntime does not survive: a block of 2^40 pixels ends its process by a division, a
 * constant of 2^31 elements takes 9 GB. A file of a few bytes may hold either, so both are refused before it is asked.
 */

import type { Problem } from '../errors.js';
import { int32 } from '../int32.js';
import { lookUp } from '../lists/lookUp.js';
import { findAttribute, tensorAttribute } from './attributes.js';
import { nodeLabels, operatorName } from './label.js';
import { DataType, type Graph, type Model, type Node, type Tensor } from './model.js';
import { elementCount, tensorView } from './tensor.js';
import { subgraphs } from './walk.js';

const largest = BigInt(int32.highest);
/** Elements of a constant that is not stored but made: 512 MB of float32. */
const mostMade = 2 ** 27;
/** Integers that are read of a stored shape. */
const mostExtents = 64;

/** Integer attributes that may mean "to the end" or "any", or are no extents. */
const unbounded: ReadonlySet<string> = new Set([
  ...['Slice starts', 'Slice ends', 'Shape start', 'Shape end', 'Constant value_int', 'Constant value_ints'],
  ...['CrossEntropyLoss ignore_index', 'SoftmaxCrossEntropyLoss ignore_index'],
  ...['NegativeLogLikelihoodLoss ignore_index', 'RandomNormal seed'],
]);

/** Operators whose result has the shape that an operand tells, and its position; Tile tells how often. */
const shaped: ReadonlyMap<string, number> = new Map([
  ['ConstantOfShape', 0],
  ['Expand', 1],
  ['Tile', 1],
]);

/** Every node of the model that asks for such a thing. Reads no values but those of short integer tensors. */
export function extremeProblems(model: Model): Problem[] {
  return [
    ...problemsOf(model.graph, ''),
    ...model.functions.flatMap(({ name, nodes }) =>
      problemsOf({ nodes, initializers: [] }, ` in function ${name}`),
    ),
  ];
}

/** A graph, or the nodes of a function. */
type Holder = Pick<Graph, 'nodes' | 'initializers'>;

function problemsOf(graph: Holder, around: string): Problem[] {
  const problems: Problem[] = [];
  const labels = nodeLabels(graph, around);
  collect(graph, new Map(), (node, what) =>
    problems.push({ what: `${operatorName(node)}: ${what}`, where: lookUp(labels, node, 'label of a node') }),
  );
  return problems;
}

function collect(
  graph: Holder,
  outer: ReadonlyMap<string, Tensor>,
  tell: (node: Node, what: string) => void,
): void {
  const stored = new Map([...outer, ...graph.initializers.map((tensor) => [tensor.name, tensor] as const)]);
  for (const node of graph.nodes) {
    const value = node.opType === 'Constant' && tensorAttribute(node, 'value');
    if (value && node.outputs[0]) stored.set(node.outputs[0], value);
  }
  for (const node of graph.nodes) {
    for (const what of [...largeAttributes(node), ...largeShapes(node, stored)]) tell(node, what);
    for (const body of subgraphs(node)) collect(body, stored, tell);
  }
}

function largeAttributes({ opType, attributes }: Node): string[] {
  return attributes.flatMap(({ name, i, ints = [] }) => {
    if (unbounded.has(`${opType} ${name}`)) return [];
    const wrong = [...(i === undefined ? [] : [i]), ...ints].find(
      (value) => value > largest || value < -largest,
    );
    return wrong === undefined ? [] : [`attribute "${name}" of ${wrong} is beyond what any network needs`];
  });
}

function largeShapes(node: Node, stored: ReadonlyMap<string, Tensor>): string[] {
  const position = shaped.get(node.opType);
  if (position === undefined) return [];
  const input = findAttribute(node, 'shape')?.ints ?? integersOf(stored.get(node.inputs[position] ?? ''));
  const count = (input ?? []).reduce<number>((product, extent) => product * Math.max(1, Number(extent)), 1);
  return count > mostMade
    ? [`a constant shape of [${(input ?? []).join(', ')}]: more than ${mostMade} elements are not made`]
    : [];
}

function integersOf(tensor: Tensor | undefined): readonly (number | bigint)[] | undefined {
  if (!tensor || tensor.dataType !== DataType.INT64) return undefined;
  try {
    if (elementCount(tensor.dims) > mostExtents) return undefined;
    return [...(tensorView(tensor) as BigInt64Array)];
  } catch {
    return undefined; // damaged: told by whoever reads it
  }
}
