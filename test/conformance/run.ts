/**
 * ONNX's own conformance data on the import path, compiled to onnxruntime, and on tfjs's cpu backend.
 *
 *   npm run conformance -- [DIR] [--json FILE] [--only WORD]
 *
 * Runs every folder below DIR (default ../shared/onnx-backend) that holds model.onnx and test_data_set_*, with the suite's
 * own tolerances (relative 1e-3, absolute 1e-7). Only inputs that mean shapes, axes, repeats or sizes are bound as constants.
 * Exits with 1 if fewer than 98 % of the cases in scope pass, or none is in scope; with 2 if DIR holds no case.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, shared } from '../../bench/machine.js';
import { findCases } from './cases.js';
import { engines } from './check.js';
import { checkAll } from './pool.js';
import { type Summary, summarize, summaryText } from './summary.js';

/** The share of cases in scope that must pass. */
const asked = 0.98;

const usage = `Usage: npm run conformance -- [DIR] [--json FILE] [--only WORD]

DIR     a folder with cases of the ONNX backend suite below it (default: ../shared/onnx-backend)
--json  write all verdicts to FILE
--only  run only the cases whose paths contain WORD
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, only: { type: 'string' }, help: { type: 'boolean' } },
});
const folder = resolve(positionals[0] ?? join(shared, 'onnx-backend'));
const folders = existsSync(folder)
  ? findCases(folder).filter((name) => name.slice(folder.length).includes(values.only ?? ''))
  : [];

if (values.help) process.stdout.write(usage);
else if (folders.length === 0) {
  process.stderr.write(`no cases below ${folder}\n${usage}`);
  process.exitCode = 2;
} else await run();

async function run(): Promise<void> {
  const verdicts = await checkAll(folders, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${folders.length}`);
    else if (done % 100 === 0) process.stderr.write(`${done} of ${folders.length}\n`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const summary = summarize(folder, folders, verdicts);
  process.stdout.write(`${summaryText(summary)}\n`);
  if (values.json) writeFileSync(values.json, jsonOf(summary));
  const worst = Math.min(...engines.map((engine) => summary.passed[engine]));
  if (summary.inScope === 0 || worst < asked * summary.inScope) process.exitCode = 1;
}

/** One line a case: the file is read by people too. */
function jsonOf({ results, ...counts }: Summary): string {
  const head = JSON.stringify({ command: 'npm run conformance', machine: machine(), ...counts }, null, 2);
  const lines = results.map((result) => `    ${JSON.stringify(result)}`).join(',\n');
  return `${head.slice(0, -2)},\n  "results": [\n${lines}\n  ]\n}\n`;
}
