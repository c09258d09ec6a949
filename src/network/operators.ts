/** Every operator that can be imported. A new one is a definition in a file of ops/; a new file has a line in families.ts. */
import { control } from './control/index.js';
import * as families from './families.js';
import type { Operator } from './operator.js';

/** Files also export what several operators share. */
function isOperator(value: unknown): value is Operator {
  return typeof value === 'object' && value !== null && 'since' in value && 'evaluate' in value;
}

export const operators: readonly Operator[] = [
  ...Object.values<Record<string, unknown>>(families).flatMap((family) =>
    Object.values(family).filter(isOperator),
  ),
  ...control,
];

const byType: ReadonlyMap<string, Operator> = new Map(operators.map((operator) => [operator.type, operator]));

/** The operator of the default ONNX domain with this name. */
export function findOperator(type: string): Operator | undefined {
  return byType.get(type);
}
