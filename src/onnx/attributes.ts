/** Attributes of a node by name. `undefined` means absent: the operator's default, known to its definition, holds. */
import type { Attribute, Graph, Node, Tensor } from './model.js';

export function findAttribute(node: Node, name: string): Attribute | undefined {
  return node.attributes.find((attribute) => attribute.name === name);
}

/** A bigint as a number. Exporters write int64 extremes for "to the end"; they saturate instead of losing digits. */
export function saturate(value: bigint): number {
  const limit = Number.MAX_SAFE_INTEGER;
  return Math.min(limit, Math.max(-limit, Number(value)));
}

export function intAttribute(node: Node, name: string): number | undefined {
  const value = findAttribute(node, name)?.i;
  return value === undefined ? undefined : saturate(value);
}

export function intsAttribute(node: Node, name: string): number[] | undefined {
  return listed(findAttribute(node, name), 7, 'ints')?.map(saturate);
}

export function floatAttribute(node: Node, name: string): number | undefined {
  return findAttribute(node, name)?.f;
}

export function floatsAttribute(node: Node, name: string): number[] | undefined {
  return listed(findAttribute(node, name), 6, 'floats');
}

export function stringAttribute(node: Node, name: string): string | undefined {
  const bytes = findAttribute(node, name)?.s;
  return bytes && new TextDecoder().decode(bytes);
}

export function stringsAttribute(node: Node, name: string): string[] | undefined {
  return listed(findAttribute(node, name), 8, 'strings')?.map((bytes) => new TextDecoder().decode(bytes));
}

export function tensorAttribute(node: Node, name: string): Tensor | undefined {
  return findAttribute(node, name)?.t;
}

export function graphAttribute(node: Node, name: string): Graph | undefined {
  return findAttribute(node, name)?.g;
}

/** An empty list leaves no trace on the wire but the attribute's type. */
function listed<K extends 'ints' | 'floats' | 'strings'>(
  attribute: Attribute | undefined,
  type: number,
  field: K,
): Attribute[K] | undefined {
  return attribute?.[field] ?? (attribute?.type === type ? ([] as Attribute[K]) : undefined);
}
