/**
 * The attributes an operator declares, with defaults and the operator sets in which they exist.
 * An attribute that a file gives and no one declared would be ignored, silently; therefore it is refused.
 */
import {
  findAttribute,
  floatAttribute,
  floatsAttribute,
  graphAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  stringsAttribute,
  tensorAttribute,
} from '../onnx/attributes.js';
import type { Graph, Node, Tensor } from '../onnx/model.js';
import type { Refusal } from './operator.js';

interface Kinds {
  int: number;
  ints: number[];
  float: number;
  floats: number[];
  string: string;
  strings: string[];
  tensor: Tensor;
  graph: Graph;
}
type Kind = keyof Kinds;

/** onnx.AttributeProto.AttributeType of each kind. */
const codes: Record<Kind, number> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
};

interface AttributeRange<T> {
  /** First operator set that has the attribute. */
  since?: number;
  /** First operator set that no longer has it. */
  until?: number;
  /** The values that are understood; others are refused. */
  only?: readonly T[];
  required?: boolean;
}

export interface AttributeSpec<T = unknown> extends AttributeRange<unknown> {
  readonly kind: Kind;
  readonly fallback: T;
}

export type AttributeValues<A extends Record<string, AttributeSpec>> = {
  [K in keyof A]: A[K] extends AttributeSpec<infer T> ? T : never;
};

type Spec<K extends Kind> = {
  (fallback: Kinds[K], range?: AttributeRange<Kinds[K]>): AttributeSpec<Kinds[K]>;
  (fallback?: undefined, range?: AttributeRange<Kinds[K]>): AttributeSpec<Kinds[K] | undefined>;
};

function specOf<K extends Kind>(kind: K): Spec<K> {
  return ((fallback: unknown, range: AttributeRange<unknown> = {}) => ({
    kind,
    fallback,
    ...range,
  })) as Spec<K>;
}

export const int = specOf('int');
export const ints = specOf('ints');
export const float = specOf('float');
export const floats = specOf('floats');
export const string = specOf('string');
export const strings = specOf('strings');
export const tensor = specOf('tensor');
export const graph = specOf('graph');

const readers: { [K in Kind]: (node: Node, name: string) => Kinds[K] | undefined } = {
  int: intAttribute,
  ints: intsAttribute,
  float: floatAttribute,
  floats: floatsAttribute,
  string: stringAttribute,
  strings: stringsAttribute,
  tensor: tensorAttribute,
  graph: graphAttribute,
};

function exists(spec: AttributeSpec, opset: number): boolean {
  return opset >= (spec.since ?? 0) && opset < (spec.until ?? Number.POSITIVE_INFINITY);
}

/** Values of all declared attributes: the file's, or the defaults. */
export function attributeValues(
  specs: Readonly<Record<string, AttributeSpec>>,
  node: Node,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, readers[spec.kind](node, name) ?? spec.fallback]),
  );
}

/** Every attribute of the node that is unknown, of the wrong type, foreign to the operator set, or not understood; missing ones too. */
export function attributeRefusals(
  specs: Readonly<Record<string, AttributeSpec>>,
  node: Node,
  opset: number,
): Refusal[] {
  const refusals: Refusal[] = [];
  const seen = new Set<string>();
  for (const attribute of node.attributes) {
    const spec = Object.hasOwn(specs, attribute.name) ? specs[attribute.name] : undefined;
    const what = `attribute "${attribute.name}"`;
    if (!spec) refusals.push({ what: `${what} is unknown` });
    else if (seen.has(attribute.name)) refusals.push({ what: `${what} is given twice` });
    else if (attribute.refAttrName) refusals.push({ what: `${what} refers to a function's attribute` });
    else if (attribute.type !== undefined && attribute.type !== 0 && attribute.type !== codes[spec.kind])
      refusals.push({ what: `${what} is not of type ${spec.kind}` });
    else if (!exists(spec, opset)) refusals.push({ what: `${what} does not exist in opset ${opset}` });
    else {
      const value = readers[spec.kind](node, attribute.name);
      if (spec.only && !spec.only.includes(value)) {
        const hint = `understood: ${spec.only.map((known) => JSON.stringify(known)).join(', ')}`;
        refusals.push({ what: `${what} = ${JSON.stringify(value)} is not supported`, hint });
      }
    }
    seen.add(attribute.name);
  }
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.required && exists(spec, opset) && !findAttribute(node, name))
      refusals.push({ what: `attribute "${name}" is missing` });
  }
  return refusals;
}
