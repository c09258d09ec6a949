/** The suite's own comparison: types and shapes equal, values within rtol and atol as numpy.testing.assert_allclose means them. */
import type { Tensor } from '../../src/onnx/model.js';
import { dataTypeName, makeTensor, tensorValues } from '../../src/onnx/tensor.js';

const relative = 1e-3;
const absolute = 1e-7;

export interface Result {
  readonly elementType: number;
  readonly shape: readonly number[];
  /** As tfjs keeps them: float32 or int32, whatever the type. */
  readonly values: ArrayLike<number>;
}

/** What differs, in words; undefined if nothing does. */
export function difference(actual: Result | undefined, expected: Tensor): string | undefined {
  if (!actual) return 'is not computed';
  if (actual.elementType !== expected.dataType)
    return `is ${dataTypeName(actual.elementType)}, not ${dataTypeName(expected.dataType)}`;
  if (actual.shape.join() !== expected.dims.join()) return `is [${actual.shape}], not [${expected.dims}]`;
  const wanted = numbers(expected);
  const found = inTypeOf(expected, actual.values);
  const wrong = wanted.findIndex((value, i) => !close(found[i]!, value));
  if (wrong < 0) return undefined;
  const count = wanted.filter((value, i) => !close(found[i]!, value)).length;
  return `differs in ${count} of ${wanted.length} values, first ${found[wrong]} for ${wanted[wrong]} at ${wrong}`;
}

function close(actual: number, expected: number): boolean {
  if (Object.is(actual, expected) || actual === expected) return true;
  return Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
}

export function numbers(tensor: Tensor): number[] {
  return Array.from(tensorValues(tensor) as ArrayLike<number | bigint>, Number);
}

/** The values as the file's type holds them: computed in float32, a float16 result is rounded by whoever stores it. */
function inTypeOf({ name, dataType, dims }: Tensor, values: ArrayLike<number>): number[] {
  const whole = Array.from(values, Number);
  if (!/FLOAT16|DOUBLE/.test(dataTypeName(dataType))) return whole;
  return numbers(makeTensor(name, dataType, dims, whole));
}
