/** Plain arithmetic on shapes: their axes, NumPy broadcasting as ONNX and tfjs define it, and permutations. */
import { elementOf } from '../lists/elementOf.js';
import { zip } from '../lists/zip.js';

/** The extent along an axis, which counts from the end if negative. */
export function extentOf(shape: readonly number[], axis: number): number {
  return elementOf(shape, axis, 'axis');
}

/** The extents of a matrix: [rows, columns]. */
export function shape2(shape: readonly number[]): readonly [number, number] {
  if (shape.length !== 2) throw new Error(`[${shape}] is no matrix`);
  return [extentOf(shape, 0), extentOf(shape, 1)];
}

/** The extents of pictures, [B, C, H, W], or of filters, [M, C, KH, KW]. */
export function shape4(shape: readonly number[]): readonly [number, number, number, number] {
  if (shape.length !== 4) throw new Error(`[${shape}] has not four axes`);
  return [extentOf(shape, 0), extentOf(shape, 1), extentOf(shape, 2), extentOf(shape, 3)];
}

/** The broadcast shape of a and b, or undefined if they do not broadcast. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** The same, where they must. */
export function commonShape(first: readonly number[], ...others: readonly (readonly number[])[]): number[] {
  return others.reduce<number[]>(
    (a, b) => {
      const shape = broadcastShape(a, b);
      if (!shape) throw new Error(`the shapes [${a}] and [${b}] do not broadcast`);
      return shape;
    },
    [...first],
  );
}

/** With so many elements before and after, along each axis. */
export function paddedShape(
  shape: readonly number[],
  amounts: readonly (readonly [number, number])[],
): number[] {
  return zip(shape, amounts).map(([extent, [before, after]]) => before + extent + after);
}

export function sameShape(a: readonly number[] | undefined, b: readonly number[]): boolean {
  return a !== undefined && a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/** The permutation that applies `first`, then `second`. */
export function composePermutations(first: readonly number[], second: readonly number[]): number[] {
  return second.map((axis) => elementOf(first, axis, 'axis'));
}

export function isIdentityPermutation(perm: readonly number[]): boolean {
  return perm.every((axis, i) => axis === i);
}

/** True if the permutation keeps the order of all axes longer than 1, so that no element moves. */
export function movesNothing(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => moved.slice(i).every((later) => later >= axis));
}
