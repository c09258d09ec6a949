/**
 * The memory that `temper export --bits 8` takes for very large layers: the largest resident size of its process over the size of
 * the model, external data included. Nothing is taken off for Node itself and onnxruntime's library, which an export of a tiny
 * model shows (`base`).
 *
 *   npm run build && npm run bench:export-memory -- [--only WORD] [--check]
 *
 * One model after the other, each in a temporary folder (up to 3 GB) that is removed. --check: ends with 1 if one takes more than
 * 2.5 times its size; no result is written.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Subject, subjects, writeSubject } from './exportMemory/models.js';
import { root, writeResult } from './machine.js';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, check: { type: 'boolean', default: false } },
});
const most = 2.5;

const base = await measure({ name: 'tiny', layers: [[4, 4]] });
const measured = [];
for (const subject of subjects.filter(({ name }) => name.includes(values.only))) {
  const cost = await measure(subject);
  process.stdout.write(
    `${cost.name}: ${(cost.bytes / 1e6).toFixed(0)} MB, peak ${(cost.peak / 1e6).toFixed(0)} MB = ${(cost.peak / cost.bytes).toFixed(2)} times, ${cost.seconds.toFixed(1)} s\n`,
  );
  measured.push(cost);
}
if (values.check) {
  if (measured.some(({ peak, bytes }) => peak > most * bytes)) process.exitCode = 1;
} else if (values.only === '')
  writeResult('export-memory', 'npm run bench:export-memory', {
    base: base.peak,
    loadAverage: loadavg()[1],
    subjects: measured,
  });

async function measure(subject: Subject) {
  const folder = mkdtempSync(join(tmpdir(), 'temper-memory-'));
  try {
    const { path, bytes } = await writeSubject(folder, subject);
    const peak = join(folder, 'peak');
    const out = join(folder, 'codes.onnx');
    const preload = pathToFileURL(join(root, 'bench', 'exportMemory', 'peak.mjs')).href;
    const command = join(root, 'dist', 'cli', 'main.js');
    const start = performance.now();
    execFileSync(
      process.execPath,
      ['--import', preload, command, 'export', path, '--bits', '8', '--out', out],
      {
        env: { ...process.env, TEMPER_PEAK: peak },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const seconds = (performance.now() - start) / 1000;
    return {
      name: subject.name,
      bytes,
      exportedBytes: statSync(out).size,
      peak: Number(readFileSync(peak, 'utf8')),
      seconds,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
