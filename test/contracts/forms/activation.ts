/** Activation functions. */
import fc from 'fast-check';
import {
  attributes,
  broadcastable,
  type Draw,
  type Form,
  type Forms,
  float,
  floats,
  inputs,
  number,
  optional,
  shape,
  wide,
} from './draw.js';

/** @param kinks where the slope jumps, given the attributes */
function elementwise(
  numbers: Record<string, readonly [number, number]> = {},
  kinks: (at: Readonly<Record<string, number>>) => number[] = () => [],
): Draw {
  const drawn = Object.fromEntries(Object.entries(numbers).map(([name, range]) => [name, float(...range)]));
  return () =>
    fc.tuple(shape(0, 4), attributes(drawn)).chain(([of, given]) => {
      const values = Object.entries(given).map(([name, value]) => [name, (value as { float: number }).float]);
      const x = wide(of, { clearOf: kinks(Object.fromEntries(values)) });
      return x.map((input) => ({ inputs: [input], attributes: given }));
    });
}

const atZero = () => [0];

const gelu: Draw = () =>
  fc.record({
    inputs: shape(0, 4).chain((of) => fc.tuple(wide(of))),
    attributes: attributes({ approximate: fc.constantFrom('none', 'tanh') }),
  });

const prelu: Draw = () =>
  shape(1, 4).chain((of) =>
    broadcastable(of).map((slope) => ({ inputs: [floats(of, { clearOf: [0] }), floats(slope)] })),
  );

/** Bounds that may cross: then everything is the upper one. */
const bound = number(-1, 1);

const clip: Draw = (opset) =>
  fc
    .record({
      of: shape(0, 4),
      low: optional(bound),
      high: optional(bound),
      storedLow: fc.boolean(),
      storedHigh: fc.boolean(),
    })
    .filter(({ low, high }) => {
      if (low === null || high === null) return true;
      // onnxruntime refuses bounds that cross where they are attributes.
      return (opset < 11 ? high - low : Math.abs(high - low)) > 0.02;
    })
    .map(({ of, low, high, storedLow, storedHigh }): Form => {
      const clearOf = [low, high].filter((value) => value !== null);
      const x = floats(of, { clearOf });
      if (opset < 11)
        return {
          inputs: [x],
          attributes: {
            ...(low !== null && { min: { float: low } }),
            ...(high !== null && { max: { float: high } }),
          },
        };
      const scalar = (value: number | null, stored: boolean) =>
        value === null
          ? null
          : floats([], { between: [value, value], ...(stored && { gradient: false as const }) });
      return { inputs: inputs(x, scalar(low, storedLow), scalar(high, storedHigh)) };
    });

export const activation: Forms = {
  Relu: elementwise({}, atZero),
  Sigmoid: elementwise(),
  Tanh: elementwise(),
  Softplus: elementwise(),
  Softsign: elementwise(),
  Mish: elementwise(),
  HardSwish: elementwise({}, () => [-3, 3]),
  LeakyRelu: elementwise({ alpha: [-0.5, 1.5] }, atZero),
  Elu: elementwise({ alpha: [0.1, 2] }, atZero),
  Selu: elementwise({ alpha: [0.5, 2], gamma: [0.5, 2] }, atZero),
  Celu: elementwise({ alpha: [0.5, 2] }, atZero),
  HardSigmoid: elementwise({ alpha: [0.1, 1], beta: [0, 1] }, ({ alpha = 0.2, beta = 0.5 }) => [
    -beta / alpha,
    (1 - beta) / alpha,
  ]),
  ThresholdedRelu: elementwise({ alpha: [-1, 1.5] }, ({ alpha = 1 }) => [alpha]),
  Shrink: elementwise({ bias: [-0.5, 0.5], lambd: [0.1, 1] }, ({ lambd = 0.5 }) => [-lambd, lambd]),
  Swish: elementwise({ alpha: [0.2, 2] }),
  Gelu: gelu,
  PRelu: prelu,
  Clip: clip,
};
