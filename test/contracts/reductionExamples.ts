/** The examples of reductions: axes given as operand, as attribute, or not at all. */
import type { Example } from './example.js';

export function reductionExamples(
  operandSince: number,
  { bools = false, between }: { bools?: boolean; between?: readonly [number, number] } = {},
): Example[] {
  const drawn = (shape: number[]) => (between ? { shape, between } : shape);
  const truths = { bools: [1, 0, 1] } as const;
  return [
    { inputs: [drawn([2, 3, 4]), { ints: [1, -1] }] },
    { inputs: [drawn([2, 3, 4])], attributes: { keepdims: 0 } },
    { inputs: [drawn([2, 3, 4])], attributes: { noop_with_empty_axes: 1 } },
    { inputs: [drawn([2, 3, 4])], attributes: { axes: [0, 2], keepdims: 0 }, opset: operandSince - 1 },
    { inputs: [drawn([2, 3, 4])], attributes: { axes: [1] }, opset: 7 },
    { inputs: [drawn([])] },
    { inputs: [{ ints: [5, 2, 7, 3, 1, 8], shape: [2, 3] }, { ints: [1] }] },
    ...(bools ? [{ inputs: [truths] }, { inputs: [truths], attributes: { keepdims: 0 } }] : []),
  ];
}
