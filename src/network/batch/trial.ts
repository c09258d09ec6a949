/**
 * How many examples a network is tried with. A number that stands anywhere in the file would fit there by accident: what
 * holds for it has to hold for any.
 */
import type { Network } from '../network.js';
import { type Plan, walkPlan } from '../plan.js';

/** Small, for what is folded grows with them. */
const primes = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97];

/** Longest list of integers that may be a shape, axes, repeats. */
const longestList = 64;

export function trialBatch({ inputs }: Network, plan: Plan): number {
  const taken = new Set<number>();
  for (const { shape, fixedBatch } of inputs)
    for (const extent of [fixedBatch, ...shape]) taken.add(extent ?? 0);
  const plans = new Set([plan, ...[...walkPlan(plan)].map((at) => at.plan)]);
  for (const { constants } of plans)
    for (const { shape, values } of constants.values()) {
      for (const extent of shape) taken.add(extent);
      if (values.length <= longestList) for (const value of values) taken.add(Number(value));
    }
  return primes.find((prime) => !taken.has(prime)) ?? 101;
}
