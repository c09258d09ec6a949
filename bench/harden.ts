/**
 * The third-party ResNet-20 for CIFAR-10, hardened against gaussian:0.10 with three training seeds: the original, the original
 * only clipped, plain training with clipping, and the hardened model, judged on the same 50 chips, none of them used in training,
 * and the full test set; each at its own noise and at that of the original in absolute units.
 * No choice is made on test data: clip, learning rate and epoch are those of a seeded tenth of the training set.
 *
 *   npm run bench:harden -- CIFAR10_DIR [SEED ...]
 *
 * Checkpoints lie under runs/bench-harden: a run that is stopped goes on when it is started again.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type FinetuneSettings,
  finetune,
  importModel,
  openDataset,
  readModel,
  verify,
  writeModel,
} from '../src/index.js';
import { root, sha256, shared, writeResult } from './machine.js';

const [directory, ...seeds] = process.argv.slice(2);
if (!directory) {
  process.stderr.write('usage: npm run bench:harden -- CIFAR10_DIR [SEED ...]\n');
  process.exit(2);
}
const source = join(shared, 'models', 'cifar10', 'amandashi_resnet20.onnx');
const normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const settings: FinetuneSettings = {
  method: 'wvat',
  device: 'gaussian:0.1',
  epochs: 8,
  schedule: { learningRate: 0.01 },
  optimizerOptions: { weightDecay: 5e-4 },
};
const levels = ['gaussian:0.05', 'gaussian:0.1', 'gaussian:0.15'];
/** Chips at the level trained for; the other levels show the curve. */
const draws: Record<string, number> = { 'gaussian:0.05': 3, 'gaussian:0.1': 50, 'gaussian:0.15': 3 };
const chipSeed = 2026;

const folder = join(root, 'runs', 'bench-harden');
mkdirSync(folder, { recursive: true });
const test = await openDataset(`cifar10:${directory}`, { split: 'test' });

/** `noiseFrom`: the file whose weights the noise is drawn on, if not its own. */
async function judge(file: string, noiseFrom?: string): Promise<Record<string, unknown>> {
  const kept = `${file}.${noiseFrom === undefined ? 'verified' : 'equal'}.json`;
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const runs: Record<string, unknown> = {};
  for (const device of levels) {
    const report = await verify({
      model: file,
      dataset: test,
      normalization,
      devices: [device],
      draws: draws[device]!,
      seed: chipSeed,
      noiseFrom,
      threads: availableParallelism(),
      onProgress: ({ done, total, score }) =>
        process.stdout.write(`${file} ${device} ${done}/${total} ${JSON.stringify(score)}\n`),
    });
    runs[device] = { draws: draws[device], ...report.runs[0]!.accuracy };
  }
  writeFileSync(kept, JSON.stringify(runs));
  return runs;
}

interface Trained {
  tuned: string;
  clipped: string;
  log: string;
}

/** Trains with this seed and method, unless that is done. */
async function train(seed: number, method: 'wvat' | 'plain'): Promise<Trained> {
  const out = join(folder, method === 'wvat' ? `seed-${seed}` : `seed-${seed}-plain`);
  const tuned = `${out}.onnx`;
  const clipped = `${out}-clipped.onnx`;
  const log = `${out}.training.json`;
  if (!existsSync(log)) {
    mkdirSync(out, { recursive: true });
    const { model, network } = await importModel(await readModel(source));
    const began = performance.now();
    const result = await finetune({
      model,
      network,
      normalization,
      ...settings,
      method,
      seed,
      threads: availableParallelism(),
      dataset: await openDataset(`cifar10:${directory}`, { split: 'train' }),
      checkpoint: { folder: out, recipe: JSON.stringify({ settings, method, seed }) },
      onProgress: (event) => process.stdout.write(`${method} ${seed} ${JSON.stringify(event)}\n`),
    });
    await writeModel(tuned, result.model);
    await writeModel(clipped, result.clipped);
    const minutes = (performance.now() - began) / 60_000;
    writeFileSync(
      log,
      JSON.stringify({
        minutes: Number(minutes.toFixed(1)),
        settings: result.settings,
        choice: result.history.choice,
        origin: result.origin,
        epochs: result.history.records,
        best: result.history.best,
      }),
    );
  }
  return { tuned, clipped, log };
}

const original = copyOfSource();
const before = await judge(original);
const after = [];
for (const seed of seeds.length > 0 ? seeds.map(Number) : [1, 2, 3]) {
  const hardened = await train(seed, 'wvat');
  const plain = await train(seed, 'plain');
  const both = async (file: string) => ({ accuracy: await judge(file), equal: await judge(file, original) });
  after.push({
    seed,
    training: JSON.parse(readFileSync(hardened.log, 'utf8')),
    ...(await both(hardened.tuned)),
    clipped: await both(hardened.clipped),
    plain: { training: JSON.parse(readFileSync(plain.log, 'utf8')), ...(await both(plain.tuned)) },
  });
}
writeResult('harden', 'npm run bench:harden -- CIFAR10_DIR', {
  model: { file: 'cifar10/amandashi_resnet20.onnx', sha256: sha256(source) },
  data: 'cifar10 test, 10,000 pictures',
  chipSeed,
  before,
  after,
});

/** The verdicts are kept beside the files; the source's folder is not ours to write to. */
function copyOfSource(): string {
  const copy = join(folder, 'source.onnx');
  writeFileSync(copy, readFileSync(source));
  return copy;
}
