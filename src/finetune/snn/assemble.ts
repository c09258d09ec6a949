/**
 * The spiking network as one plain ONNX graph: head nodes, one Loop of T steps, the mean, tail nodes.
 * A Loop rather than a Scan: the input is a constant current, so there is nothing to scan, and T is an initializer.
 * Weights stay initializers of the main graph, captured by the body: a chip's programming noise is drawn once and held
 * over all steps. The head sees the same input at every step, so computing it once changes no bit.
 */

import type { NeuronDefinition } from '../../neurons/index.js';
import { makeGraph, makeNode, tensorInfo } from '../../onnx/build.js';
import { DataType, type Graph, type Model, type Node, type ValueInfo } from '../../onnx/model.js';
import { freshNames } from '../../onnx/names.js';
import { opsetVersion } from '../../onnx/walk.js';
import { type Carried, CarriedValues } from './carried.js';
import { graft, type TracedStep, traceStep } from './graft.js';
import type { SpikingPlan } from './plan.js';

/** Everything that makes a network spike. Maps are keyed by value name: the output of a Relu, or an averaged value. */
export interface Spiking {
  readonly plan: SpikingPlan;
  readonly neuron: NeuronDefinition;
  readonly timesteps: number;
  readonly thresholds: ReadonlyMap<string, number>;
  /** Shape of one example, batch left out. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** The model's graph with its Relu nodes as neurons over T steps. `batchInput`: the input that carries the batch. */
export function assembleSnn(model: Model, spiking: Spiking, batchInput: string): Graph {
  const { graph } = model;
  const fresh = freshNames(graph);
  const carried = new CarriedValues(batchInput, fresh);
  const steps = carried.integers('snn/timesteps', spiking.timesteps);
  const divisor = carried.scalar('snn/timesteps_float', spiking.timesteps);
  const inBody = new Map(spiking.plan.averaged.map((name) => [name, fresh(`${name}/step`)]));
  const body = bodyNodes(spiking, carried, traceStep(spiking.neuron, opsetVersion(model)), inBody, fresh);
  const means: Node[] = [];
  for (const name of spiking.plan.averaged) {
    const sum = carried.add(`${name}/sum`, 0, spiking.shapes.get(name)!);
    body.push(makeNode('Add', [sum.now, inBody.get(name)!], [sum.next], {}, { name: sum.next }));
    means.push(makeNode('Div', [sum.last, divisor], [name], {}, { name: fresh(`${name}/mean`) }));
  }
  const valueInfo = shareValueInfo(graph, body, inBody);
  const loop = makeNode(
    'Loop',
    // The condition may be left out, but onnx's reference evaluator then takes no step.
    [steps, carried.yes('snn/go'), ...carried.values.map((value) => value.first)],
    carried.values.map((value) => value.last),
    { body: { graph: bodyGraph(body, carried.values, valueInfo.body, fresh) } },
    { name: fresh('snn/loop') },
  );
  return {
    ...graph,
    nodes: [...spiking.plan.head, ...carried.nodes, loop, ...means, ...spiking.plan.tail],
    initializers: [...graph.initializers, ...carried.initializers],
    valueInfo: valueInfo.main,
  };
}

function bodyNodes(
  { plan, neuron, thresholds, shapes }: Spiking,
  carried: CarriedValues,
  step: TracedStep,
  inBody: ReadonlyMap<string, string>,
  fresh: (base: string) => string,
): Node[] {
  const neurons = new Set(plan.neurons);
  const rename = (name: string) => inBody.get(name) ?? name;
  return plan.body.flatMap((node) => {
    const renamed = { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
    if (!neurons.has(node)) return [renamed];
    const layer = node.outputs[0]!;
    const threshold = thresholds.get(layer)!;
    const values = new Map([
      ['input', renamed.inputs[0]!],
      ['output', renamed.outputs[0]!],
      ['threshold', carried.scalar(`${layer}/threshold`, threshold)],
    ]);
    for (const [state, start] of Object.entries(neuron.initial(threshold))) {
      const { now, next } = carried.add(`${layer}/${state}`, start, shapes.get(layer)!);
      values.set(state, now).set(`next/${state}`, next);
    }
    const grafted = graft(step, (name) => {
      if (!values.has(name)) values.set(name, fresh(`${layer}/${name}`));
      return values.get(name)!;
    });
    carried.initializers.push(...grafted.constants);
    return [...grafted.nodes];
  });
}

function bodyGraph(
  nodes: readonly Node[],
  carried: readonly Carried[],
  valueInfo: readonly ValueInfo[],
  fresh: (base: string) => string,
): Graph {
  const [step, more, again] = [fresh('snn/step'), fresh('snn/more'), fresh('snn/again')];
  const typed = (name: string, { dims }: Carried) => tensorInfo(name, DataType.FLOAT, [undefined, ...dims]);
  return makeGraph({
    name: 'snn_step',
    nodes: [makeNode('Identity', [more], [again], {}, { name: again }), ...nodes],
    inputs: [
      tensorInfo(step, DataType.INT64, []),
      tensorInfo(more, DataType.BOOL, []),
      ...carried.map((value) => typed(value.now, value)),
    ],
    outputs: [tensorInfo(again, DataType.BOOL, []), ...carried.map((value) => typed(value.next, value))],
    valueInfo,
  });
}

/** Declared types follow their values into the body, with the batch left open as in the loop's own values. */
function shareValueInfo(graph: Graph, body: readonly Node[], inBody: ReadonlyMap<string, string>) {
  const made = new Set(body.flatMap((node) => node.outputs));
  const kept: ValueInfo[] = [];
  const moved: ValueInfo[] = [];
  for (const info of graph.valueInfo) {
    const inner = inBody.get(info.name);
    if (inner) moved.push(openBatch({ ...info, name: inner }));
    if (made.has(info.name)) moved.push(openBatch(info));
    else kept.push(info);
  }
  return { main: kept, body: moved };
}

function openBatch(info: ValueInfo): ValueInfo {
  const { tensorType } = info;
  if (!tensorType?.shape?.length) return info;
  return { ...info, tensorType: { ...tensorType, shape: [undefined, ...tensorType.shape.slice(1)] } };
}
