import { expect, it } from 'vitest';
import { gainsOf } from '../../../src/cli/harden/gains.js';
import type { VerifyReport } from '../../../src/verify/report/report.js';

const found = (sha256: string, ...accuracies: number[]) => ({
  ownNoise: {
    model: { sha256 },
    runs: [{ device: 'gaussian:0.1', draws: accuracies.map((accuracy, chip) => ({ chip, accuracy })) }],
  } as unknown as VerifyReport,
});

it('gives an interval for what may differ on other chips, and none between a file and itself', () => {
  const before = found('a', 0.5, 0.6, 0.7);
  const same = gainsOf({ before, clipped: before });
  expect(same).toEqual([expect.objectContaining({ from: 'before', to: 'clipped', mean: 0 })]);
  expect(same[0]).not.toHaveProperty('ci95');
  const other = gainsOf({ before, clipped: found('b', 0.6, 0.7, 0.8) });
  expect(other).toEqual([expect.objectContaining({ ci95: [expect.any(Number), expect.any(Number)] })]);
});
