/** Text tables: columns as wide as their widest cell, numbers to the right; the first column has names, whatever they look like. */
import { shorten } from '../../text/shorten.js';
import { visibleLine } from '../../text/visible.js';

export type Row = readonly string[];

/** A longer cell would push all others off the screen. */
const widest = 60;

/** The lines of the table. */
export function table(head: Row, content: readonly Row[]): string[] {
  const rows = content.map((row) => row.map((cell) => shorten(visibleLine(cell), widest)));
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
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)];
}
