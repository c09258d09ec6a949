/**
 * Where the examples are in the value that is compared, and what of it belongs to one of them. Not every output begins with
 * the batch: recurrent and CTC models put out [time, batch, classes].
 */
import type * as tf from '@tensorflow/tfjs';
import { trace } from '../../compile/index.js';
import type { Dataset } from '../../data/dataset.js';
import { exampleSize } from '../../data/dataset.js';
import { type Problem, TemperError } from '../../errors.js';
import type { Network } from '../../network/network.js';

export interface OutputRows {
  /** The axis along which the examples are. */
  readonly axis: number;
  /** Of one example. */
  readonly shape: readonly number[];
}

/** Where the network cannot tell by itself, a first dimension that follows two batches is taken for that of the batch. */
const batches = [5, 7] as const;

/** Throws TemperError('model') where an example's values cannot be told from those of others. */
export function outputRows(network: Network, value: string, exampleShape: readonly number[]): OutputRows {
  const [five, seven] = batches.map((batch) => traced(network, value, [batch, ...exampleShape])) as [
    TracedOutput,
    TracedOutput,
  ];
  const axis = five.axis === seven.axis ? (five.axis ?? firstAxis(five.shape, seven.shape)) : undefined;
  if (axis === undefined)
    throw new TemperError('model', {
      what: `"${value}" is [${five.shape}] for ${batches[0]} examples and [${seven.shape}] for ${batches[1]}: which values belong to which example cannot be told`,
      hint: 'put a Transpose or Reshape before the output that brings the batch to the front',
    });
  const ofOne = five.shape.map((extent, i) => (i === axis ? extent / batches[0] : extent));
  return { axis, shape: ofOne.filter((extent, i) => i !== axis || extent !== 1) };
}

interface TracedOutput {
  readonly shape: readonly number[];
  readonly axis: number | undefined;
}

function traced(network: Network, value: string, shape: readonly number[]): TracedOutput {
  let found: TracedOutput | undefined;
  const parameters = [...network.parameters.values()];
  trace(
    (tensors) => {
      const given = Object.fromEntries(parameters.map(({ name }) => [name, tensors[`parameter/${name}`]!]));
      const fetch = network.outputs.includes(value) ? [] : [value];
      const result = network.forward(given, { [network.inputs[0]!.name]: tensors.examples! }, { fetch });
      found = {
        shape: (result.outputs[value] ?? result.fetched[value]!).shape,
        axis: result.batchAxes[value],
      };
      return {};
    },
    [
      { name: 'examples', dtype: 'float32', shape },
      ...parameters.map((parameter) => ({
        name: `parameter/${parameter.name}`,
        dtype: 'float32' as const,
        shape: parameter.shape,
      })),
    ],
  );
  return found!;
}

/** Not another one: a Reshape that mixes examples leaves just such shapes. */
function firstAxis([a, ...restA]: readonly number[], [b, ...restB]: readonly number[]): number | undefined {
  return a === batches[0] && b === batches[1] && restA.join() === restB.join() ? 0 : undefined;
}

/** A value with its examples along axis 0. */
export function examplesFirst(value: tf.Tensor, axis = 0): tf.Tensor {
  if (axis === 0) return value;
  return value.transpose([axis, ...[...value.shape.keys()].filter((i) => i !== axis)]);
}

/** Labels name one of a row of scores; of a map or a sequence of them, they name none. */
export function labelRowProblems({ shape }: OutputRows, value: string, { targets }: Dataset): Problem[] {
  if (targets || shape.filter((extent) => extent !== 1).length <= 1) return [];
  return [
    {
      what: `"${value}" gives [${shape}] for an example, and a label names one of ${exampleSize(shape)} scores in a row`,
      hint: `let the model put out one row of scores, or give targets of [${shape}] (y as float32)`,
    },
  ];
}
