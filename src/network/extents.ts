/**
 * How large a value may be. A file of a hundred bytes can declare extents of 2^62, and code that takes positions along an axis
 * one by one would never end: such values are refused before anything is made of them.
 */
import { int32 } from '../int32.js';
import { UnsupportedForm } from './operator.js';

/** Elements of one value, as onnxruntime and tfjs count them, in int32. Extents of 0 count as 1: they hide no other. */
const largestValue = int32.highest;
/** Axes of one value; numpy allows as many. */
const largestRank = 64;
/** Integers read from one operand, and positions listed along one axis. */
const longestList = 2 ** 20;

/** Why no value can have this shape; undefined if one can. */
export function shapeRefusal(shape: readonly number[]): string | undefined {
  if (shape.length > largestRank)
    return `a value of rank ${shape.length}: more than ${largestRank} axes are not supported`;
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    return `no value can have the shape [${shape.join(', ')}]`;
  const size = shape.reduce((product, extent) => product * Math.max(1, extent), 1);
  return size > largestValue
    ? `a value of [${shape.join(', ')}]: more than ${largestValue} elements are not supported`
    : undefined;
}

/** Elements of a value that no input and no stored tensor makes necessary. */
const largestMade = 2 ** 27;

/** The same for a value made of constants alone, unless its operands are as large. */
export function madeRefusal(shape: readonly number[], operands: number): string | undefined {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return size > Math.max(largestMade, operands)
    ? `a constant of [${shape.join(', ')}]: more than ${largestMade} elements are not made`
    : undefined;
}

/** Throws for a list of integers, or of positions, that no network needs. */
export function checkList(length: number, longest: number = longestList): void {
  if (Number.isNaN(length)) throw new UnsupportedForm('operands that do not fit one another');
  if (!(length <= longest)) throw new UnsupportedForm(`a list of ${length} integers`);
}

/** 0, 1, ... count - 1. */
export function positions(count: number): number[] {
  checkList(count);
  return Array.from({ length: count }, (_, i) => i);
}
