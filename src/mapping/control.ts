/** Bodies of If, Loop and Scan: what reaches their inputs, and what of it comes out of them. */
import { elementOf } from '../lists/elementOf.js';
import { intAttribute } from '../onnx/attributes.js';
import type { Graph, Node } from '../onnx/model.js';
import {
  activation,
  type Content,
  nothing,
  sizeOfContent,
  storedUnion,
  type Trace,
  traceKey,
  traceUnion,
} from './contents.js';
import type { GraphValues, NodePlace, StoredFlow } from './flow.js';
import { capturedNames, reachedFrom } from './order.js';

export function controlOutputs(
  place: NodePlace,
  bodies: readonly Graph[],
  flow: StoredFlow,
): readonly Content[] {
  switch (place.node.opType) {
    case 'If':
      return branchOutputs(place, bodies, flow);
    case 'Loop':
    case 'Scan':
      return loopOutputs(place, elementOf(bodies, 0, 'body'), flow);
    default:
      return anyOutputs(place, bodies, flow);
  }
}

/** By exclusion: activations everywhere, with every trace. */
function anyOutputs(place: NodePlace, bodies: readonly Graph[], flow: StoredFlow): readonly Content[] {
  const given = { ...activation, traces: strayed(place.inputs) };
  const outputs = bodies.flatMap((body) =>
    flow.graph(
      body,
      body.inputs.map(() => given),
      place,
      place.node,
    ),
  );
  return [{ ...activation, traces: strayed(outputs) }];
}

/** Traces along axes that nobody knows. */
function strayed(contents: readonly Content[]): readonly Trace[] {
  const traces = traceUnion(contents.map((content) => content.traces));
  return traces.map((trace) => ({ ...trace, axes: undefined }));
}

function branchOutputs(place: NodePlace, bodies: readonly Graph[], flow: StoredFlow): readonly Content[] {
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

function refuseChoice(flow: StoredFlow, { node, label }: NodePlace, { stored }: Content): void {
  const hint = 'write the choice as a product with MatMul, or keep it on digital hardware (--digital NAME)';
  flow.listener.refused(node, label, stored, { why: 'activations choose among stored values', hint });
}

/** One pass over the body: a state that may hold activations in any iteration counts as one. */
function loopOutputs(place: NodePlace, body: Graph, flow: StoredFlow): readonly Content[] {
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
    // The number of the iteration, and whether it goes on.
    if (i < lead) return { ...nothing, partial: true };
    if (i >= lead + states)
      return {
        ...operand,
        shape: undefined,
        partial: !operand.data,
        traces: slicedTraces(operand, body.inputs[i]!.name),
      };
    if (!isData[i]) return handedOn[i - lead] ? operand : { ...nothing, stored: everything, partial: true };
    if (live && !operand.data && operand.stored.length > 0) {
      if (sizeOfContent(operand) === 'tensor')
        flow.listener.refused(node, place.label, operand.stored, {
          why: 'activations take their place',
          hint: stateHint,
        });
      else flow.listener.harmless(operand.stored, 'initial state');
    }
    return { ...activation, shape: undefined, traces: operand.traces };
  });
  const outputs = iterated(place, body, flow, given, lead, states).slice(isScan ? 0 : 1);
  return node.outputs.map((_, i) => {
    const output = { ...(outputs[i] ?? nothing), shape: undefined };
    if (output.data || !chosen)
      return output.data ? output : together([output, given[i + lead] ?? nothing], { partial: true });
    if (live && output.stored.length > 0 && sizeOfContent(output) !== 'number')
      refuseChoice(flow, place, output);
    return activation;
  });
}

/** What an iteration leaves in a state, the next one finds there. */
function iterated(
  place: NodePlace,
  body: Graph,
  flow: StoredFlow,
  given: readonly Content[],
  lead: number,
  states: number,
): readonly Content[] {
  const { node, label, live } = place;
  const offset = lead > 0 ? 1 - lead : 0;
  const outputs = flow.graph(body, given, place, node);
  const left = given.map((content, i) => {
    const isState = i >= lead && i < lead + states && content.data;
    const own = new Set(content.traces.map(traceKey));
    return isState ? (outputs[i + offset]?.traces ?? []).filter((trace) => !own.has(traceKey(trace))) : [];
  });
  left.forEach((traces, i) => {
    const terms = traces.filter(({ part, single }) => part?.few && !single);
    if (!live || terms.length === 0) return;
    const output = body.outputs[i + offset]!.name;
    if (!reachedFrom(body, [body.inputs[i]!.name]).has(output)) return;
    const why = 'parts of scaled activations are added, one in each iteration';
    const stored = storedUnion(terms.map((term) => term.stored));
    flow.listener.refused(node, label, stored, { why, hint: stateHint });
  });
  if (left.every((traces) => traces.length === 0) || !flow.mayRepeat()) return outputs;
  const again = given.map((content, i) => ({ ...content, traces: traceUnion([content.traces, left[i]!]) }));
  return flow.graph(body, again, place, node);
}

/** Slices of scaled activations, one in each iteration. */
function slicedTraces({ traces, shape }: Content, name: string): readonly Trace[] {
  const axis = shape && -shape.length;
  return traces.map((trace) => {
    if (axis !== undefined && trace.axes && !trace.axes.includes(axis)) return trace;
    return { ...trace, axes: undefined, part: { name, whole: trace.where, few: true } };
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
function spreadStates(
  body: Graph,
  isData: boolean[],
  lead: number,
  states: number,
  values: GraphValues,
): void {
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
