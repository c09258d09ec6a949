/**
 * The examples of an operator: forms in which the contract suite, fuzzing and others run it. Those of the operator `Gemm` are in
 * examples/Gemm.ts, and nobody lists the files.
 */
import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import type { AttributeValue } from '../../src/onnx/build.js';

/**
 * An input of an example: a shape (random values), a shape with a range for the values, integers (a constant int64 operand),
 * or numbers (a constant of floats).
 * No results: the contract test takes them from onnxruntime.
 */
export type ExampleInput =
  | readonly number[]
  | {
      readonly shape: readonly number[];
      readonly between: readonly [number, number];
      readonly gradient?: false;
      /** Where the operator has a kink: no value is near. */
      readonly clearOf?: readonly number[];
      /** Of how many evenly spread values these are some; inputs that agree in it and in the range do not tie. */
      readonly places?: number;
    }
  | {
      readonly ints: readonly number[] | number;
      readonly shape?: readonly number[];
      /** Default: int64. */
      readonly type?: 'int32';
    }
  | { readonly numbers: readonly number[]; readonly shape?: readonly number[] }
  | { readonly bools: readonly number[]; readonly shape?: readonly number[] }
  | {
      readonly bytes: 'int8' | 'uint8';
      readonly shape: readonly number[];
      /** Default: drawn from 0 ... 119. */
      readonly codes?: readonly number[];
    }
  | null;

export interface Example {
  /** In the order of the operator's inputs. */
  readonly inputs: readonly ExampleInput[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Default: the newest. */
  readonly opset?: number;
  /** Default: one. */
  readonly outputs?: number;
}

const folder = new URL('examples/', import.meta.url);

/** By the type of the operator, that is the name of the file. */
export const examples: ReadonlyMap<string, readonly Example[]> = new Map(
  await Promise.all(
    readdirSync(folder).map(async (file): Promise<[string, readonly Example[]]> => {
      const module: { examples: readonly Example[] } = await import(new URL(file, folder).href);
      return [parse(file).name, module.examples];
    }),
  ),
);

export function examplesOf({ type }: { readonly type: string }): readonly Example[] {
  const own = examples.get(type);
  if (!own) throw new Error(`no examples of ${type}: write some into test/contracts/examples/${type}.ts`);
  return own;
}
