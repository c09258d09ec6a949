/**
 * A training step as an ONNX `Loop` over K mini-batches: the step is traced once and becomes the body.
 * The weights stay inside for K steps, because `run()` copies every output into fresh memory (33 MB cost 100 ms where
 * page faults are dear).
 *
 *   inputs   steps (K), state:*, batch:* [K, ...]        body: iteration, go_on, at:* -> go_on_out, next:*, metric:*
 *   outputs  final:* (the state), metrics:* [K]                in:* = batch:*[iteration]
 */

import { lookUp } from '../lists/lookUp.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../onnx/build.js';
import { DataType, type Graph, type Model, type ValueInfo } from '../onnx/model.js';
import { makeTensor } from '../onnx/tensor.js';
import { carryPacked } from './blocked/carried.js';
import { fuseConvolutions } from './blocked/fuse.js';
import { blockedDomain } from './blocked/layout.js';
import { blockedRule } from './blocked/rules.js';
import { programOpset } from './program.js';
import { onnxTypes } from './recorder.js';
import type { Step, StepSpecs } from './step.js';
import { type TensorSpec, type Tensors, trace } from './trace.js';

export const names = {
  steps: 'steps',
  state: (name: string) => `state:${name}`,
  batch: (name: string) => `batch:${name}`,
  final: (name: string) => `final:${name}`,
  metrics: 'metrics:',
} as const;

const at = (name: string) => `at:${name}`;
const taken = (name: string) => `in:${name}`;

/** @param block  block size of the layout to use (blocked/layout.ts); undefined: standard ONNX operators only. */
export function loopModel(step: Step, specs: StepSpecs, block?: number): Model {
  const { state, batch } = specs;
  const carried = carryPacked(step, specs, block, { given: names.state, final: names.final });
  const { graph, metrics } = traceStep(carried.step, carried.specs, block);
  const loop = makeNode(
    'Loop',
    [names.steps, 'always', ...carried.taken],
    [...carried.returned, ...metrics.map((name) => names.metrics + name)],
    { body: { graph: loopBody(graph, specs) } },
    { name: 'steps' },
  );
  const info = ({ dtype, shape }: TensorSpec, name: string, lead: string[] = []) =>
    tensorInfo(name, onnxTypes[dtype], [...lead, ...shape]);
  const model = makeModel(
    makeGraph({
      name: 'steps',
      nodes: [...carried.before, loop, ...carried.after],
      initializers: [
        ...graph.initializers,
        ...carried.constants,
        makeTensor('always', DataType.BOOL, [], Uint8Array.of(1)),
      ],
      inputs: [
        scalar(names.steps, DataType.INT64),
        ...state.map((spec) => info(spec, names.state(spec.name))),
        ...batch.map((spec) => info(spec, names.batch(spec.name), ['K'])),
      ],
      outputs: [
        ...carried.results.map((spec) => info(spec, names.final(spec.name))),
        ...metrics.map((name) => tensorInfo(names.metrics + name, DataType.FLOAT, ['K'])),
      ],
    }),
    { opset: programOpset },
  );
  if (block === undefined) return model;
  return { ...model, opsetImport: [...model.opsetImport, { domain: blockedDomain, version: 1 }] };
}

function traceStep(
  step: Step,
  { state, batch, constants = {} }: StepSpecs,
  block: number | undefined,
): { graph: Graph; metrics: string[] } {
  let metrics: string[] = [];
  const graph = trace(
    (inputs) => {
      const pick = (list: readonly string[], rename: (name: string) => string): Tensors =>
        Object.fromEntries(list.map((name) => [name, lookUp(inputs, rename(name), 'tensor')]));
      const result = step(
        pick(
          state.map((spec) => spec.name),
          at,
        ),
        pick(
          batch.map((spec) => spec.name),
          taken,
        ),
        pick(Object.keys(constants), (name) => name),
      );
      metrics = Object.keys(result.metrics);
      return {
        ...Object.fromEntries(
          state.map((spec) => [`next:${spec.name}`, checked(spec, result.state[spec.name])]),
        ),
        ...Object.fromEntries(
          metrics.map((name) => [`metric:${name}`, lookUp(result.metrics, name, 'metric')]),
        ),
      };
    },
    [
      ...state.map((spec) => ({ ...spec, name: at(spec.name) })),
      ...batch.map((spec) => ({ ...spec, name: taken(spec.name) })),
    ],
    {
      name: 'step',
      parameters: constants,
      rule: block === undefined ? undefined : blockedRule(block),
    },
  );
  return { graph: block === undefined ? graph : fuseConvolutions(graph), metrics };
}

function checked(spec: TensorSpec, next: Tensors[string] | undefined): Tensors[string] {
  if (!next) throw new Error(`the step returns no state ${spec.name}`);
  if (next.dtype !== spec.dtype || String(next.shape) !== String(spec.shape)) {
    throw new Error(
      `the step turns ${spec.name} from ${spec.dtype}[${spec.shape}] into ${next.dtype}[${next.shape}]`,
    );
  }
  return next;
}

function loopBody(graph: Graph, { state, batch }: StepSpecs): Graph {
  const gathers = batch.map(({ name }) =>
    makeNode('Gather', [names.batch(name), 'iteration'], [taken(name)], { axis: 0 }, { name: taken(name) }),
  );
  return makeGraph({
    name: 'step',
    nodes: [
      makeNode('Identity', ['go_on'], ['go_on_out'], {}, { name: 'go_on' }),
      ...gathers,
      ...graph.nodes,
    ],
    inputs: [
      scalar('iteration', DataType.INT64),
      scalar('go_on', DataType.BOOL),
      ...graph.inputs.slice(0, state.length),
    ],
    outputs: [scalar('go_on_out', DataType.BOOL), ...graph.outputs],
  });
}

function scalar(name: string, type: number): ValueInfo {
  return tensorInfo(name, type, []);
}
