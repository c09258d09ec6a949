/** Layers whose state a file carries from call to call. */
import fc from 'fast-check';
import { attributes, type Draw, extent, type Forms, float, floats, inputs } from './draw.js';

const small = { between: [-0.9, 0.9] } as const;

const causalConvolution: Draw = () =>
  fc
    .record({
      sizes: fc.tuple(extent, extent, extent, extent),
      biased: fc.boolean(),
      past: fc.boolean(),
      given: attributes({ activation: fc.constantFrom('none', 'silu', 'swish') }),
    })
    .map(({ sizes: [batch, channels, steps, kernel], biased, past, given }) => ({
      inputs: inputs(
        floats([batch, channels, steps]),
        floats([channels, 1, kernel]),
        biased ? floats([channels]) : null,
        past && kernel > 1 ? floats([batch, channels, kernel - 1]) : null,
      ),
      attributes: given,
      outputs: kernel > 1 ? 2 : 1,
    }));

const linearAttention: Draw = () =>
  fc
    .record({
      sizes: fc.tuple(fc.integer({ min: 1, max: 2 }), extent, extent, extent),
      heads: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      rule: fc.constantFrom('linear', 'gated', 'delta', 'gated_delta'),
      past: fc.boolean(),
      wide: fc.boolean(),
      given: attributes({ scale: float(0.1, 1), chunk_size: fc.constant(16) }),
    })
    .map(({ sizes: [batch, steps, size, width], heads: [keyHeads, shared], rule, past, wide, given }) => ({
      inputs: inputs(
        floats([batch, steps, keyHeads * shared * size], small),
        floats([batch, steps, keyHeads * size], small),
        floats([batch, steps, keyHeads * width], small),
        past ? floats([batch, keyHeads, size, width], small) : null,
        rule.startsWith('gated') ? floats([batch, steps, wide ? keyHeads * size : keyHeads], small) : null,
        rule.endsWith('delta') ? floats([batch, steps, wide ? 1 : keyHeads], small) : null,
      ),
      attributes: { q_num_heads: keyHeads * shared, kv_num_heads: keyHeads, update_rule: rule, ...given },
      outputs: 2,
    }));

export const stateful: Forms = { CausalConvWithState: causalConvolution, LinearAttention: linearAttention };
