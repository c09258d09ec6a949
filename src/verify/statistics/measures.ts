/** What is measured of a chip: a share of examples judged right, or an error. */
import { accuracyBounds, type Bounds, errorBounds } from './meanBounds.js';

export type Measure = 'accuracy' | 'top5' | 'mse';
export const measures: readonly Measure[] = ['accuracy', 'top5', 'mse'];

export function lowerIsBetter(measure: Measure): boolean {
  return measure === 'mse';
}

export function boundsOf(measure: Measure): Bounds {
  return measure === 'mse' ? errorBounds : accuracyBounds;
}
