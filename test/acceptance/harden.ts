/**
 * Does `temper harden` help, on a small scale? models/mnist-lenet.onnx against gaussian:0.2, two epochs on 10,000 pictures it has
 * not seen in its first training; before and after on the same 20 chips and a sample of 1,000 test pictures.
 *
 *   npx tsx test/acceptance/harden.ts MNIST_SPEC [other options of harden]
 *
 * Two conditions on the differences chip by chip. Their mean must be at least 3.5 of its standard errors above 0: training that
 * does nothing for these chips passes that once in 800 times (Student's t, 19 degrees of freedom). And it must be at least 6
 * points: the same training without perturbation (--method plain) gains 3.0, WVAT 11.7, with a standard error of 1.2, so that a
 * method that works misses the bar less than once in 10,000 times. Clipping alone, without training, makes most of these points at
 * noise relative to the largest weight; its part is told. All seeds are fixed: a verdict changes with the code or, in its last
 * digits, with the processor.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../bench/machine.js';
import { modelFile, readLog } from '../../models/log.js';
import { parseReport } from '../../src/report/report.js';
import { meanOf, sampleStd } from '../../src/verify/statistics/statistics.js';

const [spec, ...others] = process.argv.slice(2);
const name = 'mnist-lenet';
const least = { points: 0.06, standardErrors: 3.5 };
const { mean, std } = readLog(name).normalization;
const asked = {
  ...{ data: spec!, mean: String(mean), std: String(std), device: 'gaussian:0.2', levels: '1' },
  ...{ 'train-limit': '10000', epochs: '2', draws: '20', limit: '1000', seed: '1', rivals: 'clipped' },
};

const folder = mkdtempSync(join(tmpdir(), 'temper-harden-'));
try {
  const out = join(folder, 'run');
  const options = Object.entries(asked).flatMap(([option, value]) => [`--${option}`, value]);
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'dist/cli/main.js'),
      'harden',
      modelFile(name),
      ...options,
      ...others,
      '--quiet',
      '--out',
      out,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`harden ended with ${status}: ${stderr}`);
  judge(join(out, 'report.json'));
} finally {
  rmSync(folder, { recursive: true });
}

function judge(path: string): void {
  const { runs } = parseReport(readFileSync(path, 'utf8'), path);
  const accuracies = (model: string) => {
    const found = runs.find((run) => run.model === model && run.device === asked.device);
    return found!.draws.map(({ accuracy }) => accuracy!);
  };
  const [before, after] = [accuracies('before'), accuracies('after')];
  const gains = after.map((accuracy, chip) => accuracy - before[chip]!);
  const gain = meanOf(gains);
  const standardErrors = gain / (sampleStd(gains) / Math.sqrt(gains.length));
  process.stdout.write(
    `mean of ${gains.length} chips ${meanOf(before).toFixed(4)} before, ${meanOf(after).toFixed(4)} after: gain ${gain.toFixed(4)}, ${standardErrors.toFixed(1)} standard errors\n`,
  );
  const alone = meanOf(accuracies('clipped')) - meanOf(before);
  process.stdout.write(`of it clipping alone, without training: ${alone.toFixed(4)}\n`);
  const clear = gain >= least.points && standardErrors >= least.standardErrors;
  if (!clear || gains.length !== Number(asked.draws)) process.exitCode = 1;
}
