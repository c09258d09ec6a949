/**
 * Result files with one row per model, measured at different times and perhaps on different machines: a new row takes the place
 * of the model's former one, and each row says where and when it was measured.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, root, writeResult } from './machine.js';

export interface ModelRow {
  model: string;
  [figure: string]: unknown;
}

interface Kept extends ModelRow {
  measured: { date: unknown; commit: unknown; cpu?: unknown };
}

export function writeRow(name: string, command: string, row: ModelRow): void {
  const file = join(root, 'bench', 'results', `${name}.json`);
  const { date, commit, cpu } = machine();
  const others = existsSync(file) ? kept(file).filter(({ model }) => model !== row.model) : [];
  const rows = [...others, { ...row, measured: { date, commit, cpu } }];
  writeResult(name, command, { rows: rows.sort((a, b) => (a.model < b.model ? -1 : 1)) });
}

/** Rows that do not name their processor were measured on that of the file, which the next writing replaces. */
function kept(file: string): Kept[] {
  const { rows, machine: former }: { rows: Kept[]; machine: { cpu: unknown } } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return rows.map((row) => ({ ...row, measured: { cpu: former.cpu, ...row.measured } }));
}
