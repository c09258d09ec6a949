/** Columns of text: the first to the left, all others to the right; a rule below the head. */

/** Rows may be shorter than the head: a row of one cell may be as wide as it likes. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const full = rows.filter((row) => row.length > 1);
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...full.map((row) => [...(row[column] ?? '')].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length));
        return column === 0 ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((size) => '-'.repeat(size)).join('  ');
  return [...lines.slice(0, 1), rule, ...lines.slice(1)];
}
