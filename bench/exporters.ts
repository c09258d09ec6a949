/**
 * Files of real exporters (bench/exporters.py): imported exactly, refused with a reason, or wrong.
 *
 *   npm run bench:exporters -- FOLDER [--only WORD] [--check]
 *
 * Imported exactly: the compiled network gives what onnxruntime makes of the file, within 1e-4 of the largest output, in the
 * file's batch and in another; every weight of the module's layers is a parameter; gradients are finite. One line a file; ends
 * with 1 if one is wrong. --check: no result is written.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeFile, type Verdict } from './exporters/judge.js';
import { writeResult } from './machine.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, check: { type: 'boolean', default: false } },
});
const [folder] = positionals;
if (!folder) {
  process.stderr.write('usage: npm run bench:exporters -- FOLDER [--only WORD] [--check]\n');
  process.exit(2);
}

interface Manifest {
  versions: Record<string, string>;
  files: Record<string, { exporter: string; weights?: number; recurrent?: number }>;
  exporterRefused: Record<string, string>;
}
const {
  versions,
  files: told,
  exporterRefused,
}: Manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx') && file.includes(values.only))
  .map((file) => file.slice(0, -'.onnx'.length))
  .sort();

const files: (Verdict & { file: string; exporter: string })[] = [];
for (const file of names) {
  const { exporter = 'unknown', ...counts } = told[file] ?? {};
  const verdict = await judgeFile(join(folder, `${file}.onnx`), counts);
  files.push({ file, exporter, ...verdict });
  const { outcome, reasons, error } = verdict;
  const size = error === undefined ? '' : ` (${error.toExponential(1)})`;
  process.stdout.write(`${file}: ${outcome}${size}${reasons.map((reason) => `\n  ${reason}`).join('')}\n`);
}

const wrong = files.filter(({ outcome }) => outcome === 'WRONG').length;
process.stdout.write(`${files.length - wrong} passed, ${wrong} failed\n`);
if (wrong > 0) process.exitCode = 1;
if (!values.check)
  writeResult('exporters', 'npm run bench:exporters -- FOLDER', {
    versions,
    files: files.map((file) => (file.outcome === 'imported exactly' ? { ...file, reasons: [] } : file)),
    exporterRefused: Object.keys(exporterRefused),
  });
