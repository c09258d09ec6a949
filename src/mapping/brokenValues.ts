/**
 * Stored values with which a model computes nothing but NaN: found before any work, and named. Infinity is refused where it
 * can only be an error, in weights and normalization; elsewhere it may be meant, as in the masks of attention.
 */
import { type Problem, TemperError } from '../errors.js';
import { floatAttribute } from '../onnx/attributes.js';
import { DataType, type Model, type Node, type Tensor } from '../onnx/model.js';
import { tensorView } from '../onnx/tensor.js';
import { isStandard } from '../onnx/walk.js';
import { visitNodes } from './crossbar.js';

const floats: readonly number[] = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];
/** Operators none of whose stored operands may be infinite. */
const finite = new Set([
  ...['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'BatchNormalization'],
  ...['QuantizeLinear', 'DequantizeLinear'],
]);
const hint = 'the file is damaged, or its training diverged: export the model anew';

/** Values that are not finite, and variances whose root is none. A tensor that several nodes use is told once. */
export function brokenValues(model: Model): Problem[] {
  const problems: Problem[] = [];
  const known = new Set<string>();
  visitNodes(model, ({ label: where }, node, scope) => {
    node.inputs.forEach((name, index) => {
      const tensor = scope.tensor(name);
      if (!tensor || !floats.includes(tensor.dataType)) return;
      const rule = ruleOf(node, index);
      // Names may repeat between bodies; then one of them is told, which is enough to refuse the model.
      const key = `${rule} ${name}`;
      if (known.has(key)) return;
      known.add(key);
      const what = ifReadable(() => brokenIn(tensor, rule, floatAttribute(node, 'epsilon')));
      if (what !== undefined) problems.push({ what, where, hint });
    });
  });
  return problems;
}

/** What is damaged is told by whoever needs its values. */
function ifReadable(look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof TemperError) return undefined;
    throw error;
  }
}

type ValueRule = 'number' | 'finite' | 'variance';

function ruleOf(node: Node, index: number): ValueRule {
  if (!isStandard(node) || !finite.has(node.opType)) return 'number';
  return node.opType === 'BatchNormalization' && index === 4 ? 'variance' : 'finite';
}

function brokenIn(tensor: Tensor, rule: ValueRule, epsilon = 1e-5): string | undefined {
  const values = tensorView(tensor) as ArrayLike<number>;
  // One number may be a marker, such as the NaN that a Where writes.
  if (rule === 'number' && values.length === 1) return undefined;
  const found =
    !allFinite(values) &&
    first(values, rule === 'number' ? Number.isNaN : (value) => !Number.isFinite(value));
  if (found)
    return `${found.count === 1 ? '' : `${found.count} values are not finite: `}${told(tensor, found.at)}`;
  const negative =
    rule === 'variance' && first(values, (value) => !(Math.fround(value) + Math.fround(epsilon) > 0));
  return negative ? `${told(tensor, negative.at)}: nothing can be normalized by such a variance` : undefined;
}

/** Nothing times zero is anything but zero, except infinity and NaN. */
function allFinite(values: ArrayLike<number>): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * (values[i] ?? 0);
  return sum === 0;
}

function first(values: ArrayLike<number>, isBroken: (value: number) => boolean) {
  let [at, count] = [-1, 0];
  for (let i = 0; i < values.length; i++) {
    if (!isBroken(values[i]!)) continue;
    if (at < 0) at = i;
    count++;
  }
  return count > 0 ? { at, count } : undefined;
}

function told(tensor: Tensor, at: number): string {
  const value = (tensorView(tensor) as ArrayLike<number>)[at];
  return `"${tensor.name}"[${position(at, tensor.dims)}] is ${value}`;
}

/** Where element `at` of a tensor lies, axis by axis. */
function position(at: number, dims: readonly number[]): number[] {
  let rest = at;
  const indices = [...dims].reverse().map((extent) => {
    const index = rest % extent;
    rest = Math.floor(rest / extent);
    return index;
  });
  return indices.reverse();
}
