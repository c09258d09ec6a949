/** What If, Loop and Scan have in common: bodies, conditions, and values chosen by a condition. */
import * as tf from '@tensorflow/tfjs';
import { UnknownValue } from '../../compile/index.js';
import type { AttributeSpec, AttributeValues } from '../attributes.js';
import { chosenBatch, stackedBatch } from '../batch/follow.js';
import { defineOperator, type Operator, type OperatorDefinition, UnsupportedForm } from '../operator.js';
import { eitherWidth } from '../wideIntegers.js';
import type { Flow } from './flow.js';

type Flowing = NonNullable<Operator['flow']>;

interface ControlDefinition<A extends Record<string, AttributeSpec>>
  extends Omit<OperatorDefinition<readonly string[], A>, 'evaluate' | 'outputs' | 'gradient'>,
    Pick<Operator, 'conditional'> {
  flow(
    operands: Parameters<Flowing>[0],
    attributes: AttributeValues<A>,
    bodies: Parameters<Flowing>[2],
    at: Parameters<Flowing>[3],
  ): Flow[];
}

/** Declares an operator with bodies. Its operands and results carry what is known of them. */
export function defineControl<A extends Record<string, AttributeSpec>>(
  definition: ControlDefinition<A>,
): Operator {
  const { flow, conditional = false, ...rest } = definition;
  const operator = defineOperator({
    ...rest,
    outputs: Number.POSITIVE_INFINITY,
    gradient: 'yes',
    evaluate() {
      throw new Error('an operator with bodies is evaluated by its flow');
    },
  });
  return {
    ...operator,
    conditional,
    flow: (operands, values, bodies, at) => flow(operands, values as AttributeValues<A>, bodies, at),
  };
}

/** Whether a condition holds; undefined if only the data decide. */
export function known({ tensor }: Flow): boolean | undefined {
  if (tensor.size !== 1)
    throw new UnsupportedForm(`the condition is [${tensor.shape}] where one value belongs`);
  try {
    return Boolean(tensor.dataSync()[0]);
  } catch (cause) {
    if (cause instanceof UnknownValue) return undefined;
    throw cause;
  }
}

/** Where the condition holds `yes`, else `no`; shapes and types are equal. The gradient flows into the chosen one. */
export function chosen(condition: Flow, yes: Flow, no: Flow): Flow {
  if (yes.tensor === no.tensor) return yes;
  const holds = condition.tensor.reshape([]).cast('bool');
  const tensor = tf.where(holds, yes.tensor, no.tensor);
  const wide = eitherWidth([yes, no], (floats) => {
    const [a, b] = floats as [tf.Tensor, tf.Tensor];
    return tf.where(holds, a, b);
  });
  return { ...yes, tensor, fromInput: true, batch: chosenBatch(condition, yes, no), ...wide };
}

/** `type[shape]` of each, to be compared. */
export function described(flows: readonly Flow[]): string {
  return flows.map(({ tensor }) => `${tensor.dtype}[${tensor.shape}]`).join(', ');
}

/** A number or truth value that the loop itself makes; as a vector of one element where the body says so. */
export function counted(
  value: number | boolean,
  elementType: number,
  declared: { tensorType?: { shape?: readonly unknown[] } } | undefined,
): Flow {
  const shape = declared?.tensorType?.shape?.length === 1 ? [1] : [];
  const dtype = typeof value === 'boolean' ? 'bool' : 'int32';
  return { tensor: tf.tensor([Number(value)], shape, dtype), elementType, fromInput: false };
}

/** The slices of all iterations, joined along a new axis. */
export function stacked(slices: readonly Flow[], axis = 0): Flow {
  const shapes = new Set(slices.map((flow) => described([flow])));
  if (shapes.size > 1)
    throw new UnsupportedForm(`the iterations give ${[...shapes].join(' and ')} to one output`);
  const [first] = slices as [Flow, ...Flow[]];
  return {
    ...first,
    ...eitherWidth(slices, (floats) => tf.stack(floats, axis)),
    tensor: tf.stack(
      slices.map(({ tensor }) => tensor),
      axis,
    ),
    fromInput: slices.some(({ fromInput }) => fromInput),
    fromParameter: slices.some(({ fromParameter }) => fromParameter === true),
    batch: stackedBatch(slices, axis),
    own: slices.some(({ own }) => own) ? 'unknown' : undefined,
  };
}

/** What no iteration gave anything to: of extent 0 along the axis, otherwise like a slice. */
export function emptyStack(slice: Flow, axis = 0): Flow {
  const { tensor } = stacked([slice], axis);
  const shape = tensor.shape.map((extent, i) => (i === axis ? 0 : extent));
  return { ...slice, tensor: tf.zeros(shape, tensor.dtype), batch: stackedBatch([slice], axis) };
}
