/** Values that make themselves, are made twice or never, and names that JavaScript has a meaning for. */
import type { Model } from '../../../src/onnx/model.js';
import type { Draw } from '../draw.js';
import { names } from '../extremes.js';
import { graphsOf, namesIn, nodesOf, strike } from './place.js';

function cycle(model: Model, draw: Draw): void {
  strike(draw, graphsOf(model), ({ nodes }) =>
    strike(draw, nodes, (node) => {
      const later = nodes.slice(nodes.indexOf(node)).flatMap(({ outputs }) => outputs);
      node.inputs[draw.below(Math.max(1, node.inputs.length))] = draw.pick(later) ?? '';
    }),
  );
}

/** Views of one another, of which nothing stored is the source, and layers that take them as their weights. */
function loopOfViews(model: Model, draw: Draw): void {
  const views = ['Identity', 'Transpose', 'Cast', 'Flatten', 'Reshape', 'DequantizeLinear'];
  const count = draw.between(1, 3);
  const ring = Array.from({ length: count }, (_, i) => ({
    name: '',
    opType: draw.pick(views),
    domain: '',
    inputs: [`ring_${(i + 1) % count}`],
    outputs: [`ring_${i}`],
    attributes: [],
  }));
  model.graph.nodes.push(...ring);
  strike(draw, nodesOf(model), (node) => {
    node.inputs[draw.below(2)] = 'ring_0';
  });
}

function duplicate(model: Model, draw: Draw): void {
  strike(draw, graphsOf(model), (graph) => {
    const known = namesIn(graph);
    const name = known.length > 0 ? draw.pick(known) : 'x';
    const kind = draw.below(4);
    if (kind === 0) strike(draw, graph.nodes, (node) => node.outputs.splice(0, 1, name));
    else if (kind === 1) strike(draw, graph.initializers, (tensor) => Object.assign(tensor, { name }));
    else if (kind === 2) strike(draw, graph.inputs, (value) => graph.inputs.push({ ...value, name }));
    else strike(draw, graph.nodes, (node) => graph.nodes.push(node));
  });
}

function missing(model: Model, draw: Draw): void {
  strike(draw, graphsOf(model), (graph) => {
    if (draw.chance(0.5)) graph.outputs.push({ name: draw.pick(['nowhere', ...names]) });
    else graph.nodes.splice(draw.below(graph.nodes.length + 1), 1);
  });
}

/** One value renamed wherever it is used, so that the model may stay right. */
function rename(model: Model, draw: Draw): void {
  const to = draw.pick(names);
  const from = draw.pick([...namesIn(model.graph), 'x']);
  const renamed = (name: string) => (name === from ? to : name);
  for (const graph of graphsOf(model))
    for (const value of [...graph.inputs, ...graph.outputs, ...graph.initializers])
      value.name = renamed(value.name);
  for (const node of nodesOf(model)) {
    node.inputs = node.inputs.map(renamed);
    node.outputs = node.outputs.map(renamed);
  }
}

function oddName(model: Model, draw: Draw): void {
  const name = draw.pick(names);
  strike(draw, nodesOf(model), (node) => {
    const kind = draw.below(6);
    if (kind === 0) node.opType = name;
    else if (kind === 1) node.domain = name;
    else if (kind === 2) node.name = name;
    else if (kind === 3) strike(draw, node.attributes, (attribute) => Object.assign(attribute, { name }));
    else if (kind === 4) node.inputs[draw.below(Math.max(1, node.inputs.length))] = name;
    else node.outputs[draw.below(Math.max(1, node.outputs.length))] = name;
  });
  if (draw.chance(0.2)) model.metadataProps.push({ key: name, value: name });
  if (draw.chance(0.2)) model.opsetImport.push({ domain: name, version: draw.below(40) });
}

export const nameMutations = { cycle, loopOfViews, duplicate, missing, rename, oddName };
