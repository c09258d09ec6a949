/** Too much of what is allowed: what takes the square of its number in time shows here. */
import { makeGraph, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Graph, type Model } from '../../../src/onnx/model.js';
import { walkNodes } from '../../../src/onnx/walk.js';
import type { Draw } from '../draw.js';
import { nodesOf, strike } from './place.js';

function attributes(model: Model, draw: Draw): void {
  strike(draw, nodesOf(model), (node) => {
    const small = node.attributes.filter(({ t, g, ints = [] }) => !t && !g && ints.length < 10);
    const count = draw.upTo(20_000);
    const odd = Array.from({ length: count }, (_, i) => ({ name: `odd_${i}`, i: 1n, type: 2 }));
    const same = Array.from({ length: small.length > 0 ? count : 0 }, () => ({ ...draw.pick(small) }));
    node.attributes = [...odd, ...same, ...node.attributes];
  });
}

function operands(model: Model, draw: Draw): void {
  strike(draw, nodesOf(model), (node) => {
    const count = draw.upTo(20_000);
    const names = draw.chance(0.5) ? node.inputs : ['nowhere'];
    node.inputs = Array.from({ length: count }, (_, i) => names[i % names.length] ?? '');
  });
}

function copies(model: Model, draw: Draw): void {
  const { nodes } = model.graph;
  strike(draw, nodes, (node) => {
    // Of a node that is large itself, fewer: a file may take long if it is long.
    const visits = [...walkNodes({ ...model.graph, nodes: [node] })];
    const size = visits.reduce((sum, at) => sum + 1 + at.node.inputs.length + at.node.attributes.length, 0);
    const most = Math.ceil(6000 / size);
    for (let i = draw.upTo(most); i > 0; i--)
      nodes.push({ ...node, outputs: node.outputs.map((name) => `${name}_${i}`) });
    for (const name of nodes.at(-1)!.outputs) model.graph.outputs.push({ name });
  });
}

/** A chain from a stored tensor to the layer that uses it. */
function chain(model: Model, draw: Draw): void {
  const { graph } = model;
  strike(draw, graph.initializers, ({ name }) => {
    const type = draw.pick(['Identity', 'Transpose', 'Cast', 'Relu']);
    const length = draw.upTo(1500);
    const links = Array.from({ length }, (_, i) =>
      makeNode(type, [i === 0 ? name : `chain_${i}`], [`chain_${i + 1}`], type === 'Cast' ? { to: 1 } : {}),
    );
    for (const node of graph.nodes)
      node.inputs = node.inputs.map((input) => (input === name ? `chain_${length}` : input));
    graph.nodes.unshift(...links);
  });
}

function undefinedOutputs({ graph }: Model, draw: Draw): void {
  for (let i = draw.upTo(100_000); i > 0; i--) graph.outputs.push({ name: `nothing_${i}` });
}

function inputs({ graph }: Model, draw: Draw): void {
  for (let i = draw.upTo(5000); i > 0; i--)
    graph.inputs.push(tensorInfo(`more_${i}`, DataType.FLOAT, Array(draw.upTo(20)).fill(2)));
}

/** Bodies within bodies, up to what protobuf takes: 100 messages, three to a body. Deeper ones: bytes.ts. */
function nestedBodies(model: Model, draw: Draw): void {
  const type = draw.pick(['If', 'Loop', 'Scan']);
  let body: Graph = { ...model.graph, inputs: [] };
  for (let depth = draw.between(1, 31); depth > 0; depth--) {
    const attribute = { name: 'then_branch', type: 5, g: body };
    const node = { ...makeNode(type, ['condition'], ['y']), attributes: [attribute] };
    body = makeGraph({ nodes: [node], inputs: [], outputs: [{ name: 'y' }] });
  }
  model.graph = { ...body, inputs: model.graph.inputs };
}

/** Functions that call one another, or themselves. */
function functions(model: Model, draw: Draw): void {
  const count = draw.upTo(1000);
  const call = (i: number) => makeNode(`f_${i}`, ['x'], ['y'], {}, { domain: 'local' });
  const widen = draw.chance(0.3) ? 2 : 1;
  for (let i = 0; i < count; i++)
    model.functions.push({
      ...{ name: `f_${i}`, domain: 'local', inputs: ['x'], outputs: ['y'], attributes: [] },
      ...{ attributeDefaults: [], opsetImport: model.opsetImport },
      nodes: Array.from({ length: widen }, () => call(draw.chance(0.9) ? i + 1 : draw.below(count))),
    });
  model.opsetImport.push({ domain: 'local', version: 1 });
  strike(draw, nodesOf(model), (node) => Object.assign(node, { opType: 'f_0', domain: 'local' }));
}

export const manyMutations = {
  manyAttributes: attributes,
  manyOperands: operands,
  manyCopies: copies,
  longChain: chain,
  manyOutputs: undefinedOutputs,
  manyInputs: inputs,
  nestedBodies,
  functions,
};
