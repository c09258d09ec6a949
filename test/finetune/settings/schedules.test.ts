import { expect, it } from 'vitest';
import {
  checkSchedule,
  learningRateAt,
  noiseStrengthAt,
  scheduleDefaults,
} from '../../../src/finetune/settings/schedules.js';

const schedule = { ...scheduleDefaults, learningRate: 0.2 };
const all = (options: Partial<typeof schedule>, total: number) =>
  Array.from({ length: total }, (_, step) => learningRateAt({ ...schedule, ...options }, step, total));

it('keeps a constant rate', () => {
  expect(all({ name: 'constant' }, 3)).toEqual([0.2, 0.2, 0.2]);
});

it('steps down at its milestones', () => {
  const rates = all({ name: 'step', milestones: [0.5, 0.75], factor: 0.1 }, 8);
  expect(rates.map((rate) => Number(rate.toPrecision(6)))).toEqual([
    0.2, 0.2, 0.2, 0.2, 0.02, 0.02, 0.002, 0.002,
  ]);
});

it('follows half a cosine from the full rate down to nearly nothing', () => {
  const rates = all({ name: 'cosine' }, 4);
  [0, 1, 2, 3].forEach((step) => {
    expect(rates[step]).toBeCloseTo(0.1 * (1 + Math.cos((Math.PI * step) / 4)), 12);
  });
});

it('warms up linearly to the full rate, whatever follows', () => {
  for (const name of ['constant', 'step', 'cosine'] as const) {
    const rates = all({ name, warmUp: 0.4 }, 10);
    expect(rates.slice(0, 5).map((rate) => Number(rate.toPrecision(6)))).toEqual([0.05, 0.1, 0.15, 0.2, 0.2]);
  }
});

it('raises the noise from nothing to all of it', () => {
  expect([0, 1, 2, 3, 4, 9].map((step) => noiseStrengthAt(0.4, step, 10))).toEqual([
    0, 0.25, 0.5, 0.75, 1, 1,
  ]);
  expect(noiseStrengthAt(0, 0, 10)).toBe(1);
});

it('refuses nonsense, all of it at once', () => {
  expect(() => checkSchedule({ ...schedule, learningRate: -1, warmUp: 2, factor: 0 })).toThrow(
    /learning rate -1[\s\S]*warm-up 2[\s\S]*factor 0/,
  );
});
