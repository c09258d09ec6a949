/** Text tables: columns as wide as their widest cell, numbers to the right; the first column has names, whatever they look like. */

export type Row = readonly string[];

export function table(head: Row, rows: readonly Row[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
  const numeric = head.map(
    (_, column) =>
      column > 0 && rows.length > 0 && rows.every((row) => /^[-+±\d.,\s%–…]*$/.test(row[column] ?? '')),
  );
  const line = (row: Row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        const gap = ' '.repeat(width - [...cell].length);
        return numeric[column] ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
