/**
 * Recurrent layers. Left out: layout 1, which onnxruntime 1.30 refuses (test/network/recurrent.test.ts has it); clip and
 * activations with kinks (of Softsign, the slope's), of which no drawn value could keep clear; and Softplus, with which the
 * state explodes.
 */
import fc from 'fast-check';
import type { AttributeValue } from '../../../src/onnx/build.js';
import type { ExampleInput } from '../example.js';
import { attributes, type Draw, extent, type Forms, floats, inputs, optional } from './draw.js';

/** Smooth activation functions, with the values they take from activation_alpha and activation_beta. */
const functions = fc.constantFrom(
  { name: 'Tanh', alpha: [], beta: [] },
  { name: 'Sigmoid', alpha: [], beta: [] },
  { name: 'Affine', alpha: [0.5], beta: [0.2] },
  { name: 'ScaledTanh', alpha: [0.8], beta: [1.2] },
);

/** None, or one for each place. */
function activations(places: number): fc.Arbitrary<Record<string, AttributeValue>> {
  const chosen = fc.array(functions, { minLength: places, maxLength: places });
  return optional(chosen).map((list): Record<string, AttributeValue> => {
    if (!list) return {};
    const of = (key: 'alpha' | 'beta') => ({ floats: list.flatMap((one): readonly number[] => one[key]) });
    return {
      activations: { strings: list.map(({ name }) => name) },
      activation_alpha: of('alpha'),
      activation_beta: of('beta'),
    };
  });
}

const small = { between: [-0.9, 0.9] } as const;

interface Layer {
  gates: number;
  functions: number;
  states: number;
  peepholes?: boolean;
  flags: Readonly<Record<string, fc.Arbitrary<AttributeValue>>>;
}

function layer({ gates, functions: count, states, peepholes = false, flags }: Layer): Draw {
  return () =>
    fc
      .record({
        sizes: fc.tuple(extent, extent, extent, fc.integer({ min: 1, max: 3 })),
        direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
        flags: attributes(flags),
        present: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
        lengths: fc.array(extent, { minLength: 4, maxLength: 4 }),
      })
      .chain(({ sizes: [steps, batch, size, hidden], direction, flags: given, present, lengths }) => {
        const directions = direction === 'bidirectional' ? 2 : 1;
        const [bias, cut, initial, peep] = present;
        const state = initial ? floats([directions, batch, hidden], small) : null;
        const ends: ExampleInput = {
          ints: lengths.slice(0, batch).map((n) => Math.min(n, steps)),
          type: 'int32',
        };
        const all = inputs(
          floats([steps, batch, size]),
          floats([directions, gates * hidden, size], small),
          floats([directions, gates * hidden, hidden], small),
          bias ? floats([directions, 2 * gates * hidden], small) : null,
          cut ? ends : null,
          ...Array<ExampleInput>(states).fill(state),
          ...(peepholes && peep ? [floats([directions, 3 * hidden], small)] : []),
        );
        return activations(directions * count).map((named) => ({
          inputs: all,
          attributes: { hidden_size: hidden, direction, ...given, ...named },
          outputs: states + 1,
        }));
      });
}

const flag = fc.constantFrom(0, 1);

export const recurrent: Forms = {
  RNN: layer({ gates: 1, functions: 1, states: 1, flags: {} }),
  LSTM: layer({ gates: 4, functions: 3, states: 2, peepholes: true, flags: { input_forget: flag } }),
  GRU: layer({ gates: 3, functions: 2, states: 1, flags: { linear_before_reset: flag } }),
};
