/**
 * The operator tests that tfjs-core ships, run on the recording kernels: lazyBackend.ts records what a test computes and
 * has onnxruntime run it where the test reads. Which files: files.ts. What may fail: known.ts.
 *
 *   npm run conformance:tfjs -- [--only WORD] [--json FILE]
 *
 * --only: only the files whose names contain WORD. Exits with 1 if a spec fails that is not listed, if a listed one passes,
 * if a file is not accounted for, or if fewer than 97 % pass.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machine } from '../../../bench/machine.js';
import { chooseFiles } from './choice.js';
import { runFiles } from './suite.js';
import { demanded, percentage, type Summary, summarize } from './verdict.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

function report({ total, files, failed, known, stale }: Summary): void {
  for (const [file, counts] of Object.entries(files)) {
    const all = counts.passed + counts.known + counts.failed;
    const aside = counts['foreign type'] > 0 ? `, ${counts['foreign type']} of other types` : '';
    print(`${file.padEnd(36)} ${counts.passed}/${all}${aside}`);
  }
  print();
  for (const { file, name, failures } of failed)
    print(`FAILED ${file}: ${name}\n    ${failures[0]!.split('\n')[0]}`);
  for (const { entry, specs } of known)
    if (specs > 0) print(`known  ${entry.file}: ${entry.spec} (${entry.reason})`);
  for (const { file, spec } of stale) print(`STALE  ${file}: ${spec} is listed in known.ts, and passes`);
  print(
    `${total.passed} passed (${percentage(total).toFixed(2)} %), ${total.known} known not to, ${total.failed} failed; ` +
      `${total['foreign type']} of types that programs do not have; onnxruntime computed in ${total.computed} specs`,
  );
}

async function main(): Promise<number> {
  if (values.help) {
    print('usage: npm run conformance:tfjs -- [--only WORD] [--json FILE]');
    return 0;
  }
  const choice = chooseFiles();
  const chosen = choice.run.filter((file) => file.includes(values.only));
  if (chosen.length === 0) throw new Error(`no file that runs is named like "${values.only}"`);
  const summary = summarize(await runFiles(chosen));
  report(summary);
  for (const { file, reason } of values.only === '' ? choice.without : [])
    print(`left out ${file}: ${reason}`);
  for (const file of choice.unknown) print(`UNKNOWN ${file}: files.ts says nothing of it`);
  if (values.json)
    writeFileSync(
      values.json,
      `${JSON.stringify({ command: 'npm run conformance:tfjs', machine: machine(), ...summary, ...choice }, null, 2)}\n`,
    );
  const faults = summary.failed.length + summary.stale.length + choice.unknown.length;
  return faults > 0 || percentage(summary.total) < demanded ? 1 : 0;
}

process.exitCode = await main();
