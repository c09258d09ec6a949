/** Values among examples or targets that are no numbers to compute with, named by example and place. */

/**
 * Undefined if all are finite.
 * @param name of the values, e.g. `x` or `examples`
 * @param shape of all, the examples along the first axis
 */
export function notFinite(
  name: string,
  values: ArrayLike<number>,
  shape: readonly number[],
): string | undefined {
  let [at, count] = [-1, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!)) continue;
    if (at < 0) at = i;
    count++;
  }
  if (count === 0) return undefined;
  const place = `${name}[${position(at, shape)}] is ${values[at]}`;
  return count === 1 ? place : `${count} values are not finite: ${place}, the first`;
}

/** Where element `at` lies, axis by axis. */
function position(at: number, shape: readonly number[]): number[] {
  let rest = at;
  const indices = [...shape].reverse().map((extent) => {
    const index = rest % extent;
    rest = Math.floor(rest / extent);
    return index;
  });
  return indices.reverse();
}
