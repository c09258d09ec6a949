/**
 * Is the judge right? The third-party ResNet-20: clean on all of CIFAR-10's test pictures, then chips at two noise levels on the
 * first 1,000, beside the measurement that was given (judge/asked.ts) and one of our own with other noise, other code and another
 * runtime binding (judge_independent.py). And one chip of each level as a file, scored by plain onnxruntime (judge/plainScore.ts).
 *
 *   npm run bench:judge -- CIFAR10_DIR [--check]        --check: 20 chips instead of 100, judged, no result written
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sliceDataset } from '../src/data/dataset.js';
import { openDataset, verify } from '../src/index.js';
import { asked, standardErrors } from './judge/asked.js';
import { plainScore } from './judge/plainScore.js';
import { root, sharedModels, writeResult } from './machine.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});
const [folder] = positionals;
if (!folder) {
  process.stderr.write('usage: npm run bench:judge -- CIFAR10_DIR [--check]\n');
  process.exit(2);
}
const chips = values.check ? 20 : 100;
const pictures = 1000;
/** Another processor rounds differently, which may turn a picture or two of 10,000. */
const rounding = 2;
/** The chip that is written as a file. */
const chip = values.check ? 7 : 37;

const model = join(sharedModels, 'cifar10', 'amandashi_resnet20.onnx');
const dataset = await openDataset(`cifar10:${folder}`, { split: 'test' });
const normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const options = { model, dataset, normalization, seed: 1 };
const problems: string[] = [];

interface Independent {
  clean: number;
  chips: number;
  runs: { sigma: number; mean: number; std: number }[];
}
const independent: Independent = JSON.parse(
  readFileSync(join(root, 'bench', 'results', 'judge_independent.json'), 'utf8'),
);

const everything = await verify({ ...options, devices: ['gaussian:0'], draws: 1 });
const clean = everything.clean.accuracy!;
process.stdout.write(`clean, all ${dataset.count}: ${clean}\n`);
if (Math.abs(clean - asked.clean) * dataset.count > rounding + 0.5)
  problems.push(`clean accuracy ${clean}, asked ${asked.clean}`);

const begun = performance.now();
const runs = [];
for (const { sigma } of asked.runs) runs.push(await judge(sigma));
const seconds = (performance.now() - begun) / 1000;

if (!values.check) {
  writeResult('judge', 'npm run bench:judge -- CIFAR10_DIR', {
    model: 'amandashi_resnet20.onnx',
    clean,
    independentClean: independent.clean,
    ...{ pictures, chips, seconds },
    loadAverage: loadavg()[0],
    runs,
  });
}
for (const problem of problems) process.stdout.write(`FAILED ${problem}\n`);
if (problems.length > 0) process.exitCode = 1;

async function judge(sigma: number) {
  const device = `gaussian:${sigma}`;
  const place = mkdtempSync(join(tmpdir(), 'temper-judge-'));
  try {
    const file = join(place, 'chip.onnx');
    const report = await verify({
      ...options,
      devices: [device],
      draws: chips,
      dataset: sliceDataset(dataset, 0, pictures),
      writeChip: { chip, file },
    });
    const { accuracy, draws } = report.runs[0]!;
    const plain = await plainScore(file, folder!, pictures);
    const written = { chip, draw: draws[chip]!.correct!, plainOnnxruntime: plain };
    return compare(
      sigma,
      accuracy!,
      written,
      draws.map((draw) => draw.accuracy!),
    );
  } finally {
    rmSync(place, { recursive: true });
  }
}

function compare(
  sigma: number,
  { mean, std }: { mean: number; std: number },
  written: { chip: number; draw: number; plainOnnxruntime: number },
  accuracies: number[],
) {
  const device = `gaussian:${sigma}`;
  const given = asked.runs.find((run) => run.sigma === sigma)!;
  const other = independent.runs.find((run) => run.sigma === sigma)!;
  const here = { mean, std, chips };
  const zAsked = standardErrors(here, { ...given, chips: asked.chips });
  const z = standardErrors(here, { ...other, chips: independent.chips });
  const figures = {
    device,
    mean,
    std,
    independentMean: other.mean,
    independentStd: other.std,
    z,
    zAsked,
    written,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  for (const [what, distance] of Object.entries({
    'the figures asked for': zAsked,
    'our own other measurement': z,
  }))
    if (!(Math.abs(distance) <= 3)) problems.push(`${device}: ${distance} standard errors from ${what}`);
  if (written.draw !== written.plainOnnxruntime)
    problems.push(
      `${device}, chip ${chip}: ${written.draw} right as a draw, ${written.plainOnnxruntime} as a file`,
    );
  return { ...figures, accuracies };
}
