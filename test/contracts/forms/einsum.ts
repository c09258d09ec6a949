/**
 * Einsum. Left out: capital letters in equations without an arrow, which onnxruntime 1.30 refuses (test/network/einsum.test.ts
 * has them).
 */
import fc from 'fast-check';
import { type Draw, type Forms, floats } from './draw.js';

const letters = ['i', 'j', 'k', 'B'] as const;
/** Axes of the ellipsis have extents too, and no name. */
const hidden = [2, 3] as const;

const einsum: Draw = () =>
  fc
    .record({
      extents: fc.tuple(...letters.map(() => fc.integer({ min: 1, max: 3 }))),
      operands: fc.array(
        fc.record({
          term: fc.array(fc.nat(letters.length - 1), { maxLength: 3 }),
          dotted: fc.nat(3),
          singles: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      dots: fc.nat(2),
      spaced: fc.boolean(),
      result: fc.option(fc.shuffledSubarray([...letters])),
      dotsAt: fc.nat(4),
    })
    .map(({ extents, operands, dots, spaced, result, dotsAt }) => {
      const used = new Set(operands.flatMap(({ term }) => term.map((i) => letters[i]!)));
      const drawn = operands.map(({ term, dotted, singles }, k) => {
        // Some operands have an axis of extent 1 where others have more; not on a diagonal.
        const of = term.map((i, at) =>
          k > 0 && singles[at] && term.indexOf(i) === term.lastIndexOf(i) ? 1 : extents[i]!,
        );
        const names: string[] = term.map((i) => letters[i]!);
        const place = Math.min(dotted, term.length);
        if (dots > 0 && (k === 0 || dotted > 0)) {
          names.splice(place, 0, '...');
          of.splice(place, 0, ...hidden.slice(0, dots));
        }
        return { text: names.join(spaced ? ' ' : ''), of };
      });
      const explicit = result ?? (used.has('B') ? ['B'] : null);
      const kept: string[] | undefined = explicit?.filter((label) => used.has(label));
      if (kept && dots > 0) kept.splice(Math.min(dotsAt, kept.length), 0, '...');
      const left = drawn.map(({ text }) => text).join(spaced ? ' , ' : ',');
      return {
        inputs: drawn.map(({ of }) => floats(of)),
        attributes: { equation: kept ? `${left}->${kept.join('')}` : left },
      };
    });

export const einsums: Forms = { Einsum: einsum };
