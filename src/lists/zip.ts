/** Lists that run side by side, read together. */

type Columns<Row extends readonly unknown[]> = { readonly [I in keyof Row]: ArrayLike<Row[I]> };

/** The rows of a table given by its columns, which must be equally long: [a0, b0], [a1, b1], ... */
export function zip<Row extends unknown[]>(...columns: Columns<Row>): Row[] {
  const lengths = columns.map((column) => column.length);
  const [length = 0] = lengths;
  if (lengths.some((other) => other !== length))
    throw new Error(`lists of ${lengths.join(' and ')} elements do not go together`);
  return Array.from({ length }, (_, i) => columns.map((column) => column[i]) as Row);
}
