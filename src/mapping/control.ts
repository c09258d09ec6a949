/** Bodies of If, Loop and Scan: what reaches their inputs, and what of it comes out of them. */
import { intAttribute } from '../onnx/attributes.js';
import type { Graph, Node } from '../onnx/model.js';
import { activation, type Content, nothing, sizeOfContent, storedUnion, traceUnion } from './contents.js';
import type { Flow, NodePlace, Values } from './flow.js';
import { capturedNames, reachedFrom } from './order.js';

export function controlOutputs(place: NodePlace, bodies: readonly Graph[], flow: Flow): readonly Content[] {
  switch (place.node.opType) {
    case 'If':
      return branchOutputs(place, bodies, flow);
    case 'Loop':
    case 'Scan':
      return loopOutputs(place, bodies[0]!, flow);
    default:
      // By exclusion: activations everywhere.
      for (const body of bodies)
        flow.graph(
          body,
          body.inputs.map(() => activation),
          place,
          place.node,
        );
      return [activation];
  }
}

function branchOutputs(place: NodePlace, bodies: readonly Graph[], flow: Flow): readonly Content[] {
  const { node, label, inputs, live } = place;
  // A file may leave the condition out: told where the node is read.
  const chosen = inputs[0]?.data ?? false;
  const branches = bodies.map((body) => flow.graph(body, [], place, node));
  return node.outputs.map((_, i) => {
    const contents = branches.map((outputs) => outputs[i] ?? nothing);
    const data = chosen || contents.some((content) => content.data);
    if (!data)
      return together(contents, { partial: contents.some((content) => sizeOfContent(content) === 'tensor') });
    for (const content of contents) {
      if (content.data || content.stored.length === 0 || !live) continue;
      if (chosen && sizeOfContent(content) !== 'number') refuseChoice(flow, place, content);
      else flow.listener.harmless(content.stored, 'chosen in place of activations (token, padding)');
    }
    const beside = contents
      .filter((content) => !content.data && sizeOfContent(content) === 'tensor')
      .map(({ stored }) => ({
        stored,
        where: label,
        kind: 'beside' as const,
        axes: undefined,
        full: true,
        wide: false,
      }));
    return { ...activation, traces: traceUnion([...contents.map(({ traces }) => traces), beside]) };
  });
}

function refuseChoice(flow: Flow, { node, label }: NodePlace, { stored }: Content): void {
  const hint = 'write the choice as a product with MatMul, or keep it on digital hardware (--digital NAME)';
  flow.listener.refused(node, label, stored, 'activations choose among stored values', hint);
}

/** One pass over the body: a state that may hold activations in any iteration counts as one. */
function loopOutputs(place: NodePlace, body: Graph, flow: Flow): readonly Content[] {
  const { node, inputs, values, live } = place;
  const isScan = node.opType === 'Scan';
  const scanned = isScan ? (intAttribute(node, 'num_scan_inputs') ?? 0) : 0;
  // Loop: trip count and condition come first, in the body iteration and condition; early Scans have lengths first.
  const lead = isScan ? 0 : 2;
  const operands = inputs.slice(Math.max(0, inputs.length - body.inputs.length));
  const states = body.inputs.length - scanned - lead;
  const chosen = !isScan && inputs.slice(0, 2).some((content) => content.data);
  const isData = operands.map((content, i) => content.data && i >= lead);
  spreadStates(body, isData, lead, states, values);
  const everything = storedUnion([
    ...operands.map((content) => content.stored),
    ...capturedNames(body).map((name) => values.get(name).stored),
  ]);
  const handedOn = handedOnStates(body, lead, states);
  const given = body.inputs.map((_, i): Content => {
    const operand = operands[i] ?? nothing;
    if (i < lead) return nothing;
    if (i >= lead + states) return { ...operand, shape: undefined, partial: !operand.data };
    if (!isData[i]) return handedOn[i - lead] ? operand : { ...nothing, stored: everything, partial: true };
    if (live && !operand.data && operand.stored.length > 0) {
      if (sizeOfContent(operand) === 'tensor')
        flow.listener.refused(node, place.label, operand.stored, 'activations take their place', stateHint);
      else flow.listener.harmless(operand.stored, 'initial state');
    }
    return { ...activation, shape: undefined, traces: operand.traces };
  });
  const outputs = flow.graph(body, given, place, node).slice(isScan ? 0 : 1);
  return node.outputs.map((_, i) => {
    const output = { ...(outputs[i] ?? nothing), shape: undefined };
    if (output.data || !chosen)
      return output.data ? output : together([output, given[i + lead] ?? nothing], { partial: true });
    if (live && output.stored.length > 0 && sizeOfContent(output) !== 'number')
      refuseChoice(flow, place, output);
    return activation;
  });
}

const stateHint = 'start from zeros, or keep it on digital hardware (--digital NAME)';

function together(contents: readonly Content[], { partial }: { partial: boolean }): Content {
  const stored = storedUnion(contents.map((content) => content.stored));
  const joined = contents.some((content) => content.joined) || stored.length > 1;
  return { ...nothing, stored, joined, partial };
}

/** States that leave an iteration as they came in. */
function handedOnStates(body: Graph, lead: number, states: number): boolean[] {
  const copies = new Map(
    body.nodes
      .filter((node: Node) => node.opType === 'Identity')
      .map((node) => [node.outputs[0], node.inputs[0]]),
  );
  return Array.from({ length: states }, (_, i) => {
    const output = body.outputs[i + (lead > 0 ? 1 : 0)]?.name ?? '';
    return (copies.get(output) ?? output) === body.inputs[i + lead]?.name;
  });
}

/** Marks the states that activations reach, from one iteration to the next. */
function spreadStates(body: Graph, isData: boolean[], lead: number, states: number, values: Values): void {
  const outer = capturedNames(body).filter((name) => values.get(name).data);
  for (let changed = true; changed; ) {
    changed = false;
    const fed = body.inputs.filter((_, i) => isData[i]).map(({ name }) => name);
    const reached = reachedFrom(body, [...outer, ...fed]);
    for (let state = 0; state < states; state++) {
      const output = body.outputs[state + (lead > 0 ? 1 : 0)]?.name ?? '';
      if (isData[state + lead] || !reached.has(output)) continue;
      isData[state + lead] = true;
      changed = true;
    }
  }
}
