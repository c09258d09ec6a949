/**
 * Attention, with three and four axes, shared keys, masks and a past; and rotary embeddings. Left out of Attention: masked
 * scores as an output, which are infinite; what onnxruntime 1.30 refuses (masks of fewer keys, or one for all queries; a past
 * without a present); and where it errs: it forgets is_causal for a single query, which then attends keys ahead.
 * test/network/attention.test.ts has these.
 */
import fc from 'fast-check';
import type { AttributeValue } from '../../../src/onnx/build.js';
import type { ExampleInput } from '../example.js';
import {
  attributes,
  broadcastable,
  type Draw,
  extent,
  type Forms,
  float,
  floats,
  inputs,
  ints,
} from './draw.js';

const flags = (size: number) => fc.array(fc.boolean(), { minLength: size, maxLength: size });
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const attention: Draw = (opset) =>
  fc
    .record({
      sizes: fc.tuple(extent, extent, extent, extent, extent),
      heads: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      batch: fc.integer({ min: 1, max: 2 }),
      flat: fc.boolean(),
      known: fc.constantFrom('none', 'past', ...(opset >= 24 ? ['lengths'] : [])),
      mask: fc.constantFrom('none', 'added', 'truth'),
      given: attributes({
        scale: float(0.1, 1),
        softcap: float(0.5, 2),
        is_causal: fc.constantFrom(0, 1),
        qk_matmul_output_mode: fc.constantFrom(0, 1, 3),
      }),
      truths: flags(4 * 4 * 8 * 2),
      outputs: fc.constantFrom(1, 4),
    })
    .chain(({ sizes, heads, batch, flat, known, mask, given, truths, outputs }) => {
      const [queries, incoming, past, size, valueSize] = sizes;
      const [keyHeads, shared] = heads;
      const operand = (count: number, steps: number, width: number) =>
        floats(flat ? [batch, steps, count * width] : [batch, count, steps, width]);
      const cache = known === 'past';
      const keys = incoming + (cache ? past : 0);
      const all = [batch, keyHeads * shared, queries, keys];
      // Every query attends a key, or what it gives is a matter of taste: 0 or not a number.
      const truth = (shape: readonly number[]): ExampleInput => ({
        bools: [...Array(product(shape)).keys()].map((i) =>
          i % (shape.at(-1) ?? 1) === 0 || truths[i] ? 1 : 0,
        ),
        shape,
      });
      const added: Record<string, AttributeValue> = flat
        ? { q_num_heads: keyHeads * shared, kv_num_heads: keyHeads }
        : {};
      return broadcastable(all.slice(0, 2)).map((rest) => {
        const of = [...rest, queries, keys];
        const lengths = Array.from({ length: batch }, (_, i) => Math.max(1, keys - i));
        return {
          inputs: inputs(
            operand(keyHeads * shared, queries, size),
            operand(keyHeads, incoming, size),
            operand(keyHeads, incoming, valueSize),
            mask === 'none' ? null : mask === 'truth' ? truth(of) : floats(of),
            cache ? floats([batch, keyHeads, past, size]) : null,
            cache ? floats([batch, keyHeads, past, valueSize]) : null,
            known === 'lengths' ? ints(lengths) : null,
          ),
          attributes: { ...added, ...given, ...(queries === 1 && { is_causal: 0 }) },
          outputs: known === 'lengths' ? 1 : cache ? 4 : outputs,
        };
      });
    });

const rotary: Draw = () =>
  fc
    .record({
      sizes: fc.tuple(extent, extent, extent, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 })),
      flat: fc.boolean(),
      placed: fc.boolean(),
      interleaved: fc.constantFrom(0, 1),
      places: fc.infiniteStream(fc.nat(4)),
    })
    .map(({ sizes: [batch, heads, steps, half, rest], flat, placed, interleaved, places }) => {
      const width = 2 * (half + rest);
      const cache = placed ? [5, half] : [batch, steps, half];
      const ids = Array.from({ length: batch * steps }, () => places.next().value!);
      return {
        inputs: inputs(
          floats(flat ? [batch, steps, heads * width] : [batch, heads, steps, width]),
          floats(cache),
          floats(cache),
          placed ? { ints: ids, shape: [batch, steps] } : null,
        ),
        attributes: {
          interleaved,
          ...(flat && { num_heads: heads }),
          ...(rest > 0 && { rotary_embedding_dim: 2 * half, num_heads: heads }),
        },
      };
    });

export const attentions: Forms = { Attention: attention, RotaryEmbedding: rotary };
