import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apart } from '../../src/report/labels.js';

const frame = [0, 1] as const;

test('labels with room stay where they are', () => {
  expect(apart([0.9, 0.2], 0.1, frame)).toEqual([0.9, 0.2].map((y) => expect.closeTo(y, 12)));
});

test('labels of one height stand around it, in their order', () => {
  expect(apart([0.5, 0.5, 0.5], 0.1, frame)).toEqual([0.4, 0.5, 0.6].map((y) => expect.closeTo(y, 12)));
});

test('none overlaps another, none leaves the frame, none jumps over another', () => {
  const heights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(heights, (wished) => {
      const least = 0.115;
      const placed = apart(wished, least, frame);
      const order = wished.map((_, i) => i).sort((a, b) => wished[a]! - wished[b]!);
      const sorted = order.map((i) => placed[i]!);
      sorted.slice(1).forEach((y, i) => {
        expect(y - sorted[i]!).toBeGreaterThan(least - 1e-9);
      });
      expect(sorted[0]).toBeGreaterThan(least / 2 - 1e-9);
      expect(sorted.at(-1)).toBeLessThan(1 - least / 2 + 1e-9);
    }),
    { seed: 1 },
  );
});
