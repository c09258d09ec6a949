/**
 * Fuzz run: damaged ONNX files through everything that loading does. Each must be imported or refused with a reason, within 2 s
 * and 1 GiB of resident memory, never with an error that is not ours, never with the end of the process.
 *
 *   npm run fuzz -- [--files 10000] [--first 0] [--seed 1] [--only WORD] [--json FILE] [--keep DIR]
 *
 * File number I of seed S is the same on every machine that has the same seed files: `--first I --files 1 --seed S` repeats it.
 * The 2 s are of processor time where Linux tells it: on a shared machine a process waits for its turn. A file that fails is
 * loaded once more in a fresh process, and only that verdict counts: the first process held what earlier files left.
 * --only: mutations with WORD in their name. --keep: writes every file that fails to DIR. Exit code 1 if one did.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../../bench/machine.js';
import { makeFolder } from './folder.js';
import { mutant } from './mutate.js';
import { limits, Nursery, type Verdict } from './nursery.js';
import { Summary } from './summary.js';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    keep: { type: 'string' },
  },
});
const [files, first, seed] = [Number(values.files), Number(values.first), Number(values.seed)];
const only = values.only!;

const folder = makeFolder();
const nursery = new Nursery();
const summary = new Summary();
try {
  for (let index = first; index < first + files; index++) {
    const verdict = await judge(index);
    summary.add(verdict);
    if (verdict.failure !== undefined) report(verdict);
    if ((index - first + 1) % 500 === 0) process.stdout.write(`${index - first + 1} of ${files} files\n`);
  }
} finally {
  nursery.end();
  rmSync(dirname(folder), { recursive: true });
}
process.stdout.write(`${summary.text()}\n`);
if (values.json !== undefined) {
  const command = `npm run fuzz -- --files ${files} --seed ${seed}${only && ` --only ${only}`}`;
  const content = { command, machine: machine(), limits, files, first, seed, ...summary.figures() };
  writeFileSync(values.json, `${JSON.stringify(content, null, 2)}\n`);
}
if (summary.failures.length > 0) process.exitCode = 1;

async function judge(index: number): Promise<Verdict> {
  const task = { seed, index, only, folder };
  const verdict = await nursery.load(task);
  if (verdict.failure === undefined) return verdict;
  return nursery.load(task);
}

function report({ index, mutation, failure, reason }: Verdict): void {
  process.stdout.write(`FAILED file ${index} of seed ${seed} (${mutation})\n  ${failure}\n`);
  if (reason) process.stdout.write(`  ${reason.replaceAll('\n', '\n  ')}\n`);
  if (values.keep === undefined) return;
  mkdirSync(values.keep, { recursive: true });
  writeFileSync(join(values.keep, `${seed}-${index}.onnx`), mutant(seed, index, only).bytes);
}
