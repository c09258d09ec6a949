/** Result files with one row per model, measured at different times: a new row takes the place of the model's former one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, root, writeResult } from './machine.js';

export interface ModelRow {
  model: string;
  [figure: string]: unknown;
}

export function writeRow(name: string, command: string, row: ModelRow): void {
  const file = join(root, 'bench', 'results', `${name}.json`);
  const former: ModelRow[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).rows : [];
  const { date, commit } = machine();
  const rows = [...former.filter(({ model }) => model !== row.model), { ...row, measured: { date, commit } }];
  writeResult(name, command, { rows: rows.sort((a, b) => (a.model < b.model ? -1 : 1)) });
}
