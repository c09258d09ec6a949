import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random/stream.js';

/** Statistical limits are at 5 standard errors: over all seeds each would fail falsely once in 1.7 million. */
const Z = 5;
const COUNT = 1_000_000;

function moments(values: ArrayLike<number>): [number, number, number, number] {
  const sums = [0, 0, 0, 0] as [number, number, number, number];
  for (let i = 0; i < values.length; i++) for (let k = 0; k < 4; k++) sums[k]! += values[i]! ** (k + 1);
  return sums.map((sum) => sum / values.length) as typeof sums;
}

describe('an address for each number', () => {
  const starts = fc.tuple(fc.nat(5000), fc.nat(40));

  test('any stretch of a stream equals the same stretch of a longer one', () => {
    const stream = randomStream('stretch', 7);
    const uniforms = stream.uniforms(5100);
    const normals = stream.normals(5100);
    const integers = stream.integers(5100, 10);
    fc.assert(
      fc.property(starts, ([start, count]) => {
        expect(stream.uniforms(count, start)).toEqual(uniforms.slice(start, start + count));
        expect(stream.normals(count, start)).toEqual(normals.slice(start, start + count));
        expect(stream.integers(count, 10, start)).toEqual(integers.slice(start, start + count));
      }),
    );
  });

  test('words beyond the first 2^32 blocks are words of their own', () => {
    const stream = randomStream(0);
    expect(stream.uint32(5)).not.toBe(stream.uint32(5 + 4 * 2 ** 32));
    expect(stream.uint32(4 * 2 ** 32 + 5)).toBe(randomStream(0).uint32(4 * 2 ** 32 + 5));
  });

  test('the parts of the key are told apart by value, type and place', () => {
    const keys = [[1, 2], [2, 1], [12], ['1', 2], [1, '2'], ['1,2'], ['a', 1], ['a1'], [0], [], ['']];
    const firsts = keys.map((key) => [...randomStream(...key).normals(4)].join());
    expect(new Set(firsts).size).toBe(keys.length);
  });

  test('refuses key parts and indices that are not numbers', () => {
    expect(() => randomStream(Number.NaN)).toThrow(/finite/);
    expect(() => randomStream(1).uniforms(-1)).toThrow(/-1/);
    expect(() => randomStream(1).integers(3, 0)).toThrow(/below 0/);
  });
});

describe('distributions', () => {
  test('uniforms lie strictly between 0 and 1 and have the moments 1/(k+1)', () => {
    const values = randomStream('uniforms').uniforms(COUNT);
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    moments(values).forEach((moment, i) => {
      const k = i + 1;
      const variance = 1 / (2 * k + 1) - 1 / (k + 1) ** 2;
      expect(Math.abs(moment - 1 / (k + 1))).toBeLessThan(Z * Math.sqrt(variance / COUNT));
    });
  });

  test('normals have the moments 0, 1, 0, 3', () => {
    const measured = moments(randomStream('normals').normals(COUNT));
    const expected = [0, 1, 0, 3];
    const variances = [1, 2, 15, 96];
    expected.forEach((moment, i) => {
      expect(Math.abs(measured[i]! - moment)).toBeLessThan(Z * Math.sqrt(variances[i]! / COUNT));
    });
  });

  test('normals fall below -2, -1, 0, 1, 2, 3 as often as they should', () => {
    const values = randomStream('tails').normals(COUNT);
    const table: [number, number][] = [
      [-2, 0.022750132],
      [-1, 0.158655254],
      [0, 0.5],
      [1, 0.841344746],
      [2, 0.977249868],
      [3, 0.998650102],
    ];
    for (const [limit, probability] of table) {
      const share = values.filter((value) => value < limit).length / COUNT;
      expect(Math.abs(share - probability)).toBeLessThan(
        Z * Math.sqrt((probability * (1 - probability)) / COUNT),
      );
    }
  });

  test('the two normals of a pair, and neighbours of two pairs, are uncorrelated, also in their squares', () => {
    const values = randomStream('pairs').normals(COUNT);
    for (const [first, lag] of [
      [0, 1],
      [1, 1],
      [0, 2],
    ] as const) {
      let product = 0;
      let squares = 0;
      let count = 0;
      for (let i = first; i + lag < COUNT; i += 2, count++) {
        product += values[i]! * values[i + lag]!;
        squares += (values[i]! ** 2 - 1) * (values[i + lag]! ** 2 - 1);
      }
      expect(Math.abs(product / count)).toBeLessThan(Z / Math.sqrt(count));
      expect(Math.abs(squares / count)).toBeLessThan((Z * 2) / Math.sqrt(count));
    }
  });

  test('integers are spread evenly', () => {
    const counts = new Float64Array(7);
    for (const value of randomStream('integers').integers(COUNT, 7)) counts[value]!++;
    const expected = COUNT / 7;
    for (const count of counts)
      expect(Math.abs(count - expected)).toBeLessThan(Z * Math.sqrt(expected * (6 / 7)));
  });
});

describe('permutations', () => {
  test.each([0, 1, 2, 10, 1000])('of %i numbers hold each number once', (n) => {
    const order = randomStream('permutation').permutation(n);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  test('each of the six orders of three comes up equally often', () => {
    const trials = 12_000;
    const seen = new Map<string, number>();
    for (let trial = 0; trial < trials; trial++) {
      const order = randomStream('orders', trial).permutation(3).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) {
      expect(Math.abs(count - trials / 6)).toBeLessThan(Z * Math.sqrt((trials / 6) * (5 / 6)));
    }
  });
});
