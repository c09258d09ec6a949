/** Plain arithmetic on shapes: NumPy broadcasting as ONNX and tfjs define it, and permutations. */

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

export function sameShape(a: readonly number[] | undefined, b: readonly number[]): boolean {
  return a !== undefined && a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/** The permutation that applies `first`, then `second`. */
export function composePermutations(first: readonly number[], second: readonly number[]): number[] {
  return second.map((axis) => first[axis]!);
}

export function isIdentityPermutation(perm: readonly number[]): boolean {
  return perm.every((axis, i) => axis === i);
}

/** True if the permutation keeps the order of all axes longer than 1, so that no element moves. */
export function movesNothing(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
}
