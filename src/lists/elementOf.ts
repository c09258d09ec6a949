/** The element of a list that must be there. */

/** @param index  from the end if negative */
export function elementOf<T>(list: readonly T[], index: number, what: string): T {
  const element = list.at(index);
  if (element === undefined) throw new Error(`there is no ${what} ${index}, of ${list.length}`);
  return element;
}
