/**
 * Is the judge right? The third-party ResNet-20: clean on all of CIFAR-10's test pictures, then 100 chips at two noise levels on
 * the first 1,000, beside an independent measurement (judge_independent.py: other noise, other code, other runtime binding).
 *
 *   npx tsx bench/judge.ts CIFAR10_DIR
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../src/data/open.js';
import { verify } from '../src/verify/verify.js';
import { root, shared, writeResult } from './machine.js';

const [folder] = process.argv.slice(2);
const path = join(shared, 'models', 'cifar10', 'amandashi_resnet20.onnx');
const dataset = await openDataset(`cifar10:${folder}:test`);
const normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const options = { model: path, dataset, normalization, seed: 1 };

const everything = await verify({ ...options, devices: ['gaussian:0'], draws: 1 });
process.stdout.write(`clean, all ${dataset.count}: ${everything.clean.accuracy}\n`);

const levels = [0.05, 0.1];
const begun = performance.now();
const report = await verify({
  ...options,
  devices: levels.map((sigma) => `gaussian:${sigma}`),
  draws: 100,
  limit: 1000,
});
const seconds = (performance.now() - begun) / 1000;

interface Independent {
  clean: number;
  runs: { sigma: number; mean: number; std: number }[];
}
const independent: Independent = JSON.parse(
  readFileSync(join(root, 'bench', 'results', 'judge_independent.json'), 'utf8'),
);
const runs = report.runs.map(({ device, accuracy, draws }, i) => {
  const { mean, std } = accuracy!;
  const other = independent.runs.find(({ sigma }) => sigma === levels[i])!;
  const standardError = Math.sqrt((std ** 2 + other.std ** 2) / draws.length);
  const z = (mean - other.mean) / standardError;
  process.stdout.write(
    `${device}: mean ${mean}, std ${std}; independent ${other.mean}, ${other.std}; z ${z}\n`,
  );
  return {
    ...{ device, mean, std, independentMean: other.mean, independentStd: other.std, z },
    accuracies: draws.map((draw) => draw.accuracy),
  };
});
writeResult('judge', 'npx tsx bench/judge.ts CIFAR10_DIR', {
  model: 'amandashi_resnet20.onnx',
  clean: everything.clean.accuracy,
  independentClean: independent.clean,
  pictures: report.data.count,
  chips: report.chips,
  seconds,
  loadAverage: loadavg()[0],
  runs,
});
