/**
 * Weights and codes as conductances. One-sided differential pair (aihwkit SinglePairConductanceConverter, CrossSim BALANCED
 * with one side): with v in [-L, L] and s = (Gmax - Gmin) / L,
 *   G+ = Gmin + s * max(v, 0),  G- = Gmin + s * max(-v, 0),  v = (G+ - G-) / s.
 * v is a weight and L the largest absolute weight, or v is a code and L = 2^(bits-1) - 1. Conductances in microsiemens.
 */
import { TemperError } from '../errors.js';

export interface ConductanceRange {
  /** Conductance of the off state, microsiemens. */
  readonly gMin: number;
  /** Largest programmed conductance, microsiemens. */
  readonly gMax: number;
}

/** 0 to 25 microsiemens: the range of the phase-change arrays the literature measures (aihwkit's default). */
export const defaultRange: ConductanceRange = { gMin: 0, gMax: 25 };

export interface DifferentialPair {
  readonly positive: Float32Array;
  readonly negative: Float32Array;
}

/** Throws TemperError('usage') unless 0 <= gMin < gMax. */
export function checkRange({ gMin, gMax }: ConductanceRange): void {
  if (gMin >= 0 && gMin < gMax && Number.isFinite(gMax)) return;
  throw new TemperError('usage', {
    what: `conductance range ${gMin} to ${gMax} microsiemens is impossible`,
    hint: 'Gmin must be at least 0 and Gmax larger than Gmin',
  });
}

/** Microsiemens per unit of v. */
export function microsiemensPerUnit(largest: number, { gMin, gMax }: ConductanceRange): number {
  return largest > 0 ? (gMax - gMin) / largest : 0;
}

/** The two conductances of every value; `largest` is the L of the formula. */
export function toPair(
  values: ArrayLike<number>,
  largest: number,
  range: ConductanceRange,
): DifferentialPair {
  const s = microsiemensPerUnit(largest, range);
  const [positive, negative] = [new Float32Array(values.length), new Float32Array(values.length)];
  for (let i = 0; i < values.length; i++) {
    positive[i] = range.gMin + s * Math.max(values[i]!, 0);
    negative[i] = range.gMin + s * Math.max(-values[i]!, 0);
  }
  return { positive, negative };
}

/** The values that pairs of conductances stand for, to float32 accuracy. */
export function fromPair(pair: DifferentialPair, largest: number, range: ConductanceRange): Float32Array {
  const s = microsiemensPerUnit(largest, range);
  return pair.positive.map((conductance, i) => (s === 0 ? 0 : (conductance - pair.negative[i]!) / s));
}
