/** Class labels: whole numbers from 0, one per example. */

import type { Problem } from '../errors.js';
import { int32 } from '../int32.js';

/** One problem if any label is not in 0 .. classes-1, naming the first and how many. */
export function labelProblems(labels: ArrayLike<number>, classes: number, where: string): Problem[] {
  let first = -1;
  let wrong = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < least) least = label;
    if (label > most) most = label;
    if (label >= 0 && label < classes && Number.isInteger(label)) continue;
    if (wrong === 0) first = i;
    wrong++;
  }
  if (wrong === 0) return [];
  return [
    {
      what: `${wrong} of ${labels.length} labels are not classes 0 to ${classes - 1}; the first is label ${labels[first]} at ${first}`,
      where,
      hint:
        least === 1 && most === classes
          ? 'the labels start at 1: save y - 1'
          : 'classes are whole numbers from 0 on',
    },
  ];
}

/** Labels are kept as int32: beyond it they would wrap, 2^32 into class 0. */
export const mostClasses = int32.highest + 1;
