/**
 * Whether the defaults ever harm: every classifier at hand, at the noise where it loses some forty points, fine-tuned with all
 * defaults on a share of its training data with three seeds, against the original and against clipping alone, on the same
 * chips and the same test pictures. No option was tuned for any of them, but the rules by which
 * clips and results are chosen were made while looking at these nets.
 *
 *   npm run bench:defaults -- DATA [NAME ...]       DATA holds mnist/ and cifar10/
 *
 * Rows that were measured stay under runs/bench-defaults: a run that is stopped goes on when it is started again.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finetune, importModel, openDataset, readModel, verify, writeModel } from '../src/index.js';
import { type Classifier, classifiers } from './defaults/classifiers.js';
import { root, sha256, writeResult } from './machine.js';

const [directory, ...names] = process.argv.slice(2);
if (!directory) {
  process.stderr.write('usage: npm run bench:defaults -- DATA [NAME ...]\n');
  process.exit(2);
}
const limits = { mnist: { train: 4000, test: 1500 }, cifar10: { train: 3000, test: 1000 } };
const seeds = [1, 2, 3];
const draws = 20;
const chipSeed = 2026;
const levels = [0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1];
/** The noise at which the original has lost this much on the search's chips. */
const wantedLoss = 0.35;

const folder = join(root, 'runs', 'bench-defaults');
mkdirSync(folder, { recursive: true });

interface Accuracy {
  /** On all test pictures: a point is less than what a thousand of them can tell. */
  clean: number;
  mean: number;
  std: number;
  min: number;
}
interface Trained {
  seed: number;
  origin: string;
  /** How far from the original to the best epoch, where the result lies between them. */
  share?: number;
  clip: unknown;
  learningRate: number;
  minutes: number;
  clipped: Accuracy;
  hardened: Accuracy;
}
interface Row {
  model: string;
  sha256: string;
  device: string;
  original: Accuracy;
  seeds: Trained[];
}

async function open(classifier: Classifier) {
  const spec = `${classifier.data}:${join(directory!, classifier.data)}`;
  const normalization = { mean: classifier.mean, std: classifier.std };
  const test = await openDataset(spec, { split: 'test', limit: limits[classifier.data].test });
  const train = await openDataset(spec, { split: 'train', limit: limits[classifier.data].train });
  const whole = await openDataset(spec, { split: 'test' });
  const cleanOn = async (file: string): Promise<number> => {
    const devices = ['gaussian:0.01'];
    const report = await verify({ model: file, dataset: whole, normalization, devices, draws: 1 });
    return report.clean.accuracy!;
  };
  /** A search for the noise: few chips, few pictures. */
  const glance = async (file: string, device: string): Promise<number> => {
    const report = await verify({
      ...{ model: file, dataset: test, limit: 500, normalization, devices: [device] },
      ...{ draws: 6, seed: chipSeed },
    });
    const { clean, mean } = report.runs[0]!.accuracy!;
    return clean! - mean!;
  };
  const judge = async (file: string, device: string): Promise<Accuracy> => {
    const report = await verify({
      model: file,
      dataset: test,
      normalization,
      devices: [device],
      draws,
      seed: chipSeed,
    });
    const { mean, std, min } = report.runs[0]!.accuracy!;
    return { clean: await cleanOn(file), mean: mean!, std: std!, min: min! };
  };
  return { train, judge, glance, normalization };
}

/** The noise that costs the original enough, and how it does there. */
async function original(classifier: Classifier): Promise<Omit<Row, 'seeds'>> {
  const { judge, glance } = await open(classifier);
  let device = '';
  for (const level of levels) {
    device = `gaussian:${level}`;
    if ((await glance(classifier.file, device)) >= wantedLoss) break;
  }
  const found = await judge(classifier.file, device);
  process.stdout.write(`${classifier.name} ${device} original ${said(found)}\n`);
  return { model: classifier.name, sha256: sha256(classifier.file), device, original: found };
}

async function trained(classifier: Classifier, device: string, seed: number): Promise<Trained> {
  const { train, judge, normalization } = await open(classifier);
  const { model, network } = importModel(await readModel(classifier.file));
  const began = performance.now();
  const result = await finetune({ model, network, dataset: train, normalization, device, seed });
  const minutes = Number(((performance.now() - began) / 60_000).toFixed(2));
  const file = (part: string) => kept(classifier, `-${seed}-${part}.onnx`);
  await writeModel(file('clipped'), result.clipped);
  await writeModel(file('hardened'), result.model);
  const { choice, decision } = result.history;
  const { clip, learningRate } = choice!;
  const run: Trained = {
    seed,
    origin: result.origin,
    ...(result.origin === 'interpolated' && { share: decision!.trained!.share }),
    clip,
    learningRate,
    minutes,
    clipped: await judge(file('clipped'), device),
    hardened: await judge(file('hardened'), device),
  };
  process.stdout.write(
    `${classifier.name} ${device} seed ${seed}: ${run.origin} ${run.share ?? ''}, ${JSON.stringify(clip)}, rate ${learningRate}; clipped ${said(run.clipped)}, hardened ${said(run.hardened)}; ${minutes} min\n`,
  );
  return run;
}

function said({ clean, mean, min }: Accuracy): string {
  const percent = (value: number) => (100 * value).toFixed(1);
  return `${percent(clean)} clean ${percent(mean)} mean ${percent(min)} worst`;
}

function kept({ name }: Classifier, what: string): string {
  return join(folder, `${name.replaceAll('/', '-')}${what}`);
}

async function once<T>(file: string, measure: () => Promise<T>): Promise<T> {
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await measure()));
  return JSON.parse(readFileSync(file, 'utf8'));
}

// All nets with one seed before any with the next: a run that is stopped has seen every net.
for (const seed of seeds)
  for (const classifier of classifiers.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const { device } = await once(kept(classifier, '.json'), () => original(classifier));
    await once(kept(classifier, `-${seed}.json`), () => trained(classifier, device, seed));
  }
const read = <T>(file: string): T[] => (existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8'))] : []);
const rows = classifiers.flatMap((classifier) =>
  read<Omit<Row, 'seeds'>>(kept(classifier, '.json')).map((row) => ({
    ...row,
    seeds: seeds.flatMap((seed) => read<Trained>(kept(classifier, `-${seed}.json`))),
  })),
);
writeResult('defaults', 'npm run bench:defaults -- DATA', { limits, draws, chipSeed, rows });
