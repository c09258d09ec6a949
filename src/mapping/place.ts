/** Where a stored value meets activations, and what can be thought of it. */
import type { Node } from '../onnx/model.js';
import { type Content, type Size, type Trace, variedAxes } from './contents.js';
import type { Fixed } from './fixed.js';
import type { Normalizations } from './normalizations.js';
import type { Rotations } from './rotations.js';

export type Meeting =
  | {
      readonly harmless: string;
      readonly trace?: Trace;
      /** A product all the same, of numbers that nobody has trained: taken to be digital. */
      readonly fixed?: boolean;
    }
  | { readonly why: string; readonly hint: string };

export interface MeetingPlace {
  readonly node: Node;
  /** How messages name it. */
  readonly label: string;
  readonly inputs: readonly Content[];
  readonly normalizations: Pick<Normalizations, 'isNormalized' | 'isProduct' | 'isLayer'>;
  readonly rotations: Pick<Rotations, 'turns' | 'arePair'>;
  /** What the numbers of a stored value are, if nobody has trained them. */
  readonly fixedOf: (name: string) => Fixed | undefined;
  /** The value that one was taken out of (slices.ts). */
  readonly wholeOf: (name: string) => string;
  /** Whether a value goes on to several places where stored values may meet it (forks.ts). */
  readonly isShared: (name: string) => boolean;
}

/** Leaves room for what is said before it. */
export const digital = 'keep it on digital hardware (--digital NAME)';

export function traceOf(
  { label, node, inputs, wholeOf }: MeetingPlace,
  content: Content,
  size: Size,
  kind: Trace['kind'],
): Omit<Trace, 'wide'> {
  const { stored, shape } = content;
  const name = node.inputs.find((_, position) => inputs[position]!.data);
  const part = kind === 'scale' && name ? { part: { name, whole: wholeOf(name) } } : {};
  return { stored, where: label, kind, axes: variedAxes(shape), full: size === 'tensor', ...part };
}
