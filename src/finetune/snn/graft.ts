/**
 * The neuron's step as ONNX nodes: traced once from its tfjs code, then copied in place of every Relu under names of its
 * own. The file keeps its operator set, so a traced operator that is too new is said with older ones.
 */
import type * as tf from '@tensorflow/tfjs';
import { type TensorSpec, traceModel } from '../../compile/index.js';
import { TemperError } from '../../errors.js';
import type { NeuronDefinition } from '../../neurons/index.js';
import { makeNode } from '../../onnx/build.js';
import type { Node, Tensor } from '../../onnx/model.js';

/** Elementwise operators and the operator set since which they read as traced. Nothing else is valid for every shape. */
const since: Readonly<Record<string, number>> = {
  Add: 7,
  Sub: 7,
  Mul: 7,
  Div: 7,
  Neg: 6,
  Abs: 6,
  Exp: 6,
  Sqrt: 6,
  Relu: 6,
  Identity: 1,
  Cast: 6,
  Not: 1,
  And: 7,
  Or: 7,
  Less: 9,
  Greater: 9,
  Where: 9,
  GreaterOrEqual: 12,
  LessOrEqual: 12,
  Max: 12,
  Min: 12,
  Floor: 6,
  Pow: 12,
};

/** Before operator set 12 `a >= b` is `not (a < b)`: the same for every number, not for NaN. */
const older: Readonly<Record<string, string>> = { GreaterOrEqual: 'Less', LessOrEqual: 'Greater' };

/** One neuron model, traced. Its values: `input`, `threshold`, the state by name, `output`, `next/<state>`. */
export interface TracedStep {
  readonly nodes: readonly Node[];
  readonly constants: readonly Tensor[];
}

/** Traces one step of the neuron in terms of operator set `opset`. Throws if it needs a newer one. */
export function traceStep(neuron: NeuronDefinition, opset: number): TracedStep {
  // Any shape with two axes longer than 1 will do: only elementwise operators are accepted below.
  const spec = (name: string): TensorSpec => ({ name, shape: [2, 3], dtype: 'float32' });
  const { graph } = traceModel(
    (given) => {
      const state = Object.fromEntries(neuron.state.map((name) => [name, given[name]!]));
      const { output, state: next } = neuron.step(given.input!, state, given.threshold as tf.Scalar);
      return { output, ...Object.fromEntries(neuron.state.map((name) => [`next/${name}`, next[name]!])) };
    },
    [spec('input'), ...neuron.state.map(spec), { name: 'threshold', shape: [], dtype: 'float32' }],
    { name: neuron.name },
  );
  return {
    nodes: graph.nodes.flatMap((node) => inOpset(node, opset, neuron)),
    constants: graph.initializers,
  };
}

function inOpset(node: Node, opset: number, neuron: NeuronDefinition): Node[] {
  const version = since[node.opType];
  if (version === undefined)
    throw new Error(`the step of neuron ${neuron.name} is not elementwise: it uses ${node.opType}`);
  if (version <= opset) return [node];
  const opposite = older[node.opType];
  if (!opposite)
    throw new TemperError('model', {
      what: `neuron ${neuron.name} needs operator set ${version} (${node.opType}), the model has ${opset}`,
      hint: 'convert the model to a newer operator set first',
    });
  const not = `${node.outputs[0]}/not`;
  return [
    makeNode(opposite, node.inputs, [not], {}, { name: not }),
    makeNode('Not', [not], node.outputs, {}, { name: node.name }),
  ];
}

/** The step's nodes and constants for one layer, every value renamed by `rename`. */
export function graft(step: TracedStep, rename: (name: string) => string): TracedStep {
  const renamed = (name: string) => (name === '' ? '' : rename(name));
  return {
    nodes: step.nodes.map((node) => ({
      ...node,
      name: rename(node.name),
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    })),
    constants: step.constants.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
  };
}
