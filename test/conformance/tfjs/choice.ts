/** Which files run, which do not and why, by the rule of files.ts. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { kernels } from '../../../src/compile/kernels/index.js';
import { kernelsOf, leftOut } from './files.js';

export interface Choice {
  run: string[];
  /** File and reason. */
  without: { file: string; reason: string }[];
  /** Files that files.ts says nothing of. */
  unknown: string[];
}

const dist = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/dist/index.js'));
/** Test files of the engine that read what kernels compute. */
const ofTheEngine = ['gradients', 'tape', 'tensor', 'variable'];

export function chooseFiles(): Choice {
  const recorded = new Set(kernels.map(({ name }) => name));
  const missing = (file: string) => kernelsOf[file]!.split(' ').filter((name) => !recorded.has(name));
  const rows = Object.keys(kernelsOf);
  const reasons = Object.entries(leftOut).flatMap(([reason, files]) =>
    files.map((file) => ({ file, reason })),
  );
  const spoken = new Set([...rows, ...reasons.map(({ file }) => file)]);
  return {
    run: rows.filter((file) => missing(file).length === 0),
    without: [
      ...reasons,
      ...rows.flatMap((file) => {
        const absent = missing(file);
        return absent.length > 0 ? [{ file, reason: `the recorder has no ${absent.join(', ')}` }] : [];
      }),
    ],
    unknown: testFiles().filter((file) => !spoken.has(file)),
  };
}

/** Every test file of operations, optimizers and the engine. */
function testFiles(): string[] {
  const below = (folder: string) =>
    readdirSync(`${dist}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('_test.js'))
      .map((path) => `${folder}/${path.replaceAll('\\', '/').replace(/_test\.js$/, '')}`);
  return [...below('ops'), ...below('optimizers'), ...ofTheEngine];
}
