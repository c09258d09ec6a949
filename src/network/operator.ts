/**
 * What an operator is to Temper: an ONNX operator as tfjs code, with everything that must be known to refuse
 * the forms it does not understand. One family a file in ops/; operators.ts collects the files.
 */
import type * as tf from '@tensorflow/tfjs';
import type { AttributeSpec, AttributeValues } from './attributes.js';
import type { Body, Flow } from './control/flow.js';

/**
 * What a parameter is for. Weights sit on crossbars, unmapped ones do not (src/mapping), as in recurrent cells; mean and variance
 * are statistics and never trained by gradients.
 */
export type ParameterRole =
  | 'weight'
  | 'unmapped'
  | 'bias'
  | 'scale'
  | 'shift'
  | 'slope'
  | 'mean'
  | 'variance';

/** `name`, `name?` (may be left out) or `name*` (the rest, in order). */
type NameOf<I extends string> = I extends `${infer N}?` | `${infer N}*` ? N : I;
export type InputTensors<I extends readonly string[]> = {
  [K in I[number] as NameOf<K>]: K extends `${string}?`
    ? tf.Tensor | undefined
    : K extends `${string}*`
      ? tf.Tensor[]
      : tf.Tensor;
};

/** What an operator may know besides its inputs and attributes. */
export interface Evaluation {
  /** The operator set version of the model. */
  readonly opset: number;
  /** Normalize by the statistics of the batch and update the running ones. */
  readonly training: boolean;
  /** How many outputs the node has; unused ones in between count. */
  readonly outputCount: number;
  /** ONNX element type (DataType) of an input: of float64, say, though it is computed in float32. Undefined if the input is left out. */
  elementType(input: string): number | undefined;
  /** Whether the values of an input are the file's own, and can be read when the network is built. */
  known(input: string): boolean;
  /** Moves the running statistic that is this input: what it becomes for the next step, from what it is by now. */
  update(input: string, follow: (running: tf.Tensor) => tf.Tensor): void;
  /** Tells the user that the node was read in another way than it is written. */
  note(text: string): void;
  /** Tells how an operator with bodies was resolved: a branch taken, a loop unrolled. */
  resolved(text: string): void;
  /**
   * Present if the file fixes the batch at `fixed` examples, the first input carries `actual` examples along axis 0
   * (`axis0`), and another input, a shape if it is structural, is a constant written for the fixed batch.
   */
  readonly rebatch?: { readonly fixed: number; readonly actual: number; readonly axis0: boolean };
}

/** A reason to refuse a node, in words that follow the operator's name, and what to do about it. */
export interface Refusal {
  what: string;
  hint?: string;
}

/** Thrown by `evaluate` for a form that only shapes or constant operands give away. */
export class UnsupportedForm extends Error {
  constructor(
    readonly what: string,
    readonly hint?: string,
  ) {
    super(what);
  }
}

/** Whether gradients flow from the outputs to the floating-point inputs: true ones, those of the identity in place of rounding, or none. */
export type GradientKind = 'yes' | 'straight-through' | 'no';

export interface OperatorDefinition<I extends readonly string[], A extends Record<string, AttributeSpec>> {
  readonly type: string;
  /** Operator sets at which ONNX changed the definition; all of them are understood. */
  readonly since: readonly number[];
  readonly inputs: I;
  readonly attributes?: A;
  /** What an initializer is for, if it is this input. */
  readonly roles?: Partial<Record<NameOf<I[number]>, ParameterRole>>;
  /** Inputs that must be known when the network is built, because extents depend on them: shapes, axes, repeats. */
  readonly structural?: readonly NameOf<I[number]>[];
  /**
   * ONNX element types of the outputs; `undefined` in the list, or no function: that of the first input kept in the same
   * tfjs type as the output, or else FLOAT, INT64 or BOOL.
   */
  elementTypes?(
    of: (input: NameOf<I[number]>) => number | undefined,
    attributes: AttributeValues<A>,
  ): readonly (number | undefined)[];
  /** Outputs that can be computed; a node that uses more is refused. Default: one. */
  readonly outputs?: number;
  /** Reasons to refuse a node, from its attributes. */
  check?(attributes: AttributeValues<A>, opset: number): Refusal[];
  evaluate(inputs: InputTensors<I>, attributes: AttributeValues<A>, at: Evaluation): tf.Tensor | tf.Tensor[];
  readonly gradient: GradientKind;
}

/** An operator with the types of its inputs and attributes forgotten, so that all fit into one list. */
export interface Operator {
  readonly type: string;
  readonly since: readonly number[];
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeSpec>>;
  readonly roles: Readonly<Record<string, ParameterRole>>;
  readonly structural: readonly string[];
  readonly outputs: number;
  readonly gradient: GradientKind;
  /** Whether some of its bodies may never be run: what is wrong in those must not be told. */
  readonly conditional?: boolean;
  elementTypes(
    of: (input: string) => number | undefined,
    attributes: Record<string, unknown>,
  ): readonly (number | undefined)[];
  check(attributes: Record<string, unknown>, opset: number): Refusal[];
  evaluate(
    inputs: readonly (tf.Tensor | undefined)[],
    attributes: Record<string, unknown>,
    at: Evaluation,
  ): tf.Tensor[];
  /** In place of `evaluate` for operators with bodies: If, Loop, Scan. */
  flow?(
    operands: readonly (Flow | undefined)[],
    attributes: Record<string, unknown>,
    bodies: Readonly<Record<string, Body>>,
    at: Evaluation,
  ): Flow[];
}

/** Declares an operator. This is the one place where its types are forgotten. */
export function defineOperator<
  const I extends readonly string[],
  A extends Record<string, AttributeSpec> = Record<never, never>,
>(definition: OperatorDefinition<I, A>): Operator {
  const { attributes, roles, outputs = 1 } = definition;
  return {
    ...definition,
    attributes: attributes ?? {},
    roles: (roles ?? {}) as Record<string, ParameterRole>,
    structural: definition.structural ?? [],
    outputs,
    elementTypes: (of, values) => definition.elementTypes?.(of, values as AttributeValues<A>) ?? [],
    check: (values, opset) => definition.check?.(values as AttributeValues<A>, opset) ?? [],
    evaluate(inputs, values, at) {
      const named = nameInputs(definition.inputs, inputs) as InputTensors<I>;
      const out = definition.evaluate(named, values as AttributeValues<A>, at);
      return Array.isArray(out) ? out : [out];
    },
  };
}

/** The name of input `index`, without its mark; the name of the list for inputs beyond the others. */
export function inputName(inputs: readonly string[], index: number): string | undefined {
  const name = inputs[index] ?? (inputs.at(-1)?.endsWith('*') ? inputs.at(-1) : undefined);
  return name?.replace(/[?*]$/, '');
}

function nameInputs(names: readonly string[], inputs: readonly (tf.Tensor | undefined)[]) {
  return Object.fromEntries(
    names.map((name, index) => {
      if (name.endsWith('*')) return [name.slice(0, -1), inputs.slice(index)];
      return [name.replace(/\?$/, ''), inputs[index]];
    }),
  );
}
