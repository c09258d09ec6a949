/**
 * Whether the defaults ever harm: every classifier at hand, at the noise where it loses some forty points, fine-tuned with all
 * defaults on a share of its training data with three seeds, against the original and against clipping alone, on the same
 * chips and the same test pictures. Nothing was tuned for any of them.
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
const seeds = process.env.SEEDS ? process.env.SEEDS.split(',').map(Number) : [1, 2, 3];
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
interface Row {
  model: string;
  sha256: string;
  device: string;
  original: Accuracy;
  seeds: {
    seed: number;
    origin: string;
    /** How far from the original to the best epoch, where the result lies between them. */
    share?: number;
    clip: unknown;
    learningRate: number;
    minutes: number;
    clipped: Accuracy;
    hardened: Accuracy;
  }[];
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

async function measure(classifier: Classifier): Promise<Row> {
  const { train, judge, glance, normalization } = await open(classifier);
  let device = '';
  for (const level of levels) {
    device = `gaussian:${level}`;
    if ((await glance(classifier.file, device)) >= wantedLoss) break;
  }
  const row: Row = {
    model: classifier.name,
    sha256: sha256(classifier.file),
    device,
    original: await judge(classifier.file, device),
    seeds: [],
  };
  process.stdout.write(`${classifier.name} ${device} original ${said(row.original)}\n`);
  for (const seed of seeds) {
    const { model, network } = importModel(await readModel(classifier.file));
    const began = performance.now();
    const result = await finetune({
      model,
      network,
      dataset: train,
      normalization,
      device,
      seed,
      onProgress: (event) =>
        event.kind !== 'steps' &&
        process.env.VERBOSE &&
        process.stdout.write(`${JSON.stringify(event).slice(0, 400)}\n`),
    });
    const minutes = Number(((performance.now() - began) / 60_000).toFixed(2));
    const file = (part: string) =>
      join(folder, `${classifier.name.replaceAll('/', '-')}-${seed}-${part}.onnx`);
    await writeModel(file('clipped'), result.clipped);
    await writeModel(file('hardened'), result.model);
    const { choice, decision } = result.history;
    const { clip, learningRate } = choice!;
    const { share } = decision?.trained ?? {};
    const entry = {
      seed,
      origin: result.origin,
      ...(result.origin === 'interpolated' && share !== undefined && { share }),
      clip,
      learningRate,
      minutes,
      clipped: await judge(file('clipped'), device),
      hardened: await judge(file('hardened'), device),
    };
    row.seeds.push(entry);
    process.stdout.write(
      `${classifier.name} ${device} seed ${seed}: ${result.origin} ${entry.share ?? ''}, ${JSON.stringify(clip)}, rate ${learningRate}; clipped ${said(entry.clipped)}, hardened ${said(entry.hardened)}; ${minutes} min\n`,
    );
  }
  return row;
}

function said({ clean, mean, min }: Accuracy): string {
  const percent = (value: number) => (100 * value).toFixed(1);
  return `${percent(clean)} clean ${percent(mean)} mean ${percent(min)} worst`;
}

const keptIn = ({ name }: Classifier) => join(folder, `${name.replaceAll('/', '-')}.json`);
for (const classifier of classifiers.filter(({ name }) => names.length === 0 || names.includes(name))) {
  if (!existsSync(keptIn(classifier))) {
    const row = await measure(classifier);
    writeFileSync(keptIn(classifier), JSON.stringify(row));
  }
}
const rows = classifiers
  .map(keptIn)
  .filter(existsSync)
  .map((file): Row => JSON.parse(readFileSync(file, 'utf8')));
writeResult('defaults', 'npm run bench:defaults -- DATA', { limits, draws, chipSeed, rows });
