/** What every result file says about where its figures come from. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
/** Of the project, also where this module is a compiled one (`npm run compiled`). */
export const root = dirname(require.resolve('onnx-temper/package.json'));

export function machine(): Record<string, unknown> {
  const version = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    onnxruntime: version('onnxruntime-node'),
    tfjs: version('@tensorflow/tfjs'),
    commit: commit(),
  };
}

/** The commit that is checked out. */
export function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
}

/** Writes bench/results/NAME.json: the command that repeats it, the machine, and the figures. */
export function writeResult(name: string, command: string, figures: object): void {
  const file = join(root, 'bench', 'results', `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ command, machine: machine(), ...figures }, null, 2)}\n`);
  process.stdout.write(`wrote bench/results/${name}.json\n`);
}

/** The folder with data and models that do not belong to the project; TEMPER_SHARED overrides. */
export const shared = process.env.TEMPER_SHARED ?? join(root, '..', 'shared');
/** The models in it; TEMPER_MODELS overrides. */
export const sharedModels = process.env.TEMPER_MODELS ?? join(shared, 'models');

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
