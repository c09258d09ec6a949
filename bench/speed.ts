/**
 * Training steps of Temper against PyTorch eager, in alternation, and against the machine's matrix product.
 *
 *   npm run bench:speed -- [--python PYTHON] [--rounds 10] [--only mlp,vgg5-slim,resnet20] [--threads 2]
 *
 * PYTHON needs torch (CPU); without it Temper is measured alone. Every round times each candidate once, in turn; figures are
 * medians over the rounds, all samples are kept.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { writeResult } from './machine.js';
import { openMatMul } from './speed/matmul.js';
import { openRival, type Rival, type Variant } from './speed/rival.js';
import { multiplyAdds, type Subject, subjects } from './speed/subjects.js';
import { openRunner } from './speed/temperStep.js';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: process.env.TEMPER_PYTHON ?? 'python3' },
    rounds: { type: 'string', default: '10' },
    only: { type: 'string', default: subjects.map(({ name }) => name).join() },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    dry: { type: 'boolean', default: false },
  },
});
const [rounds, threads] = [Number(values.rounds), Number(values.threads)];

type Samples = Record<string, number[]>;

const rival = await openRival(values.python!);
const variants: Variant[] = [...new Set([1, threads])].flatMap((count) => [
  { layout: 'contiguous' as const, threads: count },
  { layout: 'channels_last' as const, threads: count },
]);
const results: object[] = [];
for (const subject of subjects.filter(({ name }) => values.only!.split(',').includes(name))) {
  const samples = await measure(subject);
  results.push(summary(subject, samples));
}
rival?.close();
if (!values.dry) {
  writeResult('speed', 'npm run bench:speed', { rival: rival?.versions, threads, rounds, subjects: results });
}

/** Every candidate once a round; the first round only warms up. */
async function measure(subject: Subject): Promise<Samples> {
  const { name, batch, steps } = subject;
  const plain = await openRunner(subject, 'plain', { threads });
  const wvat = await openRunner(subject, 'wvat', { threads });
  const product = await openMatMul(threads);
  const candidates: [string, () => Promise<number>][] = [
    ['temper', () => plain.time()],
    ...(rival ? rivals(rival, name, batch, steps) : []),
    ['matmul', () => product.rate()],
    ['temper wvat', () => wvat.time()],
  ];
  const samples: Samples = Object.fromEntries(candidates.map(([candidate]) => [candidate, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [candidate, time] of candidates) {
      const sample = await time();
      if (round > 0) samples[candidate]!.push(sample);
    }
  }
  await Promise.all([plain.release(), wvat.release(), product.release()]);
  return samples;
}

function rivals(torch: Rival, net: string, batch: number, steps: number): [string, () => Promise<number>][] {
  const offered = net === 'mlp' ? variants.filter(({ layout }) => layout === 'contiguous') : variants;
  return offered.map((variant) => [
    `torch ${variant.layout} ${variant.threads}`,
    () => torch.time(net, batch, steps, variant),
  ]);
}

function summary(subject: Subject, samples: Samples): object {
  const medians = Object.fromEntries(Object.entries(samples).map(([key, list]) => [key, median(list)]));
  const temper = medians.temper!;
  const rate = multiplyAdds(subject) / (temper / 1000);
  const best = (layout: string) =>
    Math.min(
      ...Object.keys(medians)
        .filter((key) => key.startsWith(`torch ${layout}`))
        .map((key) => medians[key]!),
    );
  const ratios = {
    timesTorchBest: best('') / temper,
    timesTorchContiguous: best('contiguous') / temper,
    shareOfMatMulRate: rate / medians.matmul!,
    wvatOverPlain: medians['temper wvat']! / temper,
  };
  const { name, batch, steps } = subject;
  const figures = {
    name,
    batch,
    stepsPerRun: steps,
    multiplyAdds: multiplyAdds(subject),
    medians,
    ratios,
    samples,
  };
  print(figures);
  return figures;
}

function print({ name, medians, ratios }: { name: string; medians: Record<string, number>; ratios: object }) {
  process.stdout.write(`\n${name}\n`);
  for (const [key, value] of Object.entries(medians)) {
    const text =
      key === 'matmul' ? `${(value / 1e9).toFixed(0)} G multiply-adds/s` : `${value.toFixed(2)} ms/step`;
    process.stdout.write(`  ${key.padEnd(24)} ${text}\n`);
  }
  for (const [key, value] of Object.entries(ratios)) {
    process.stdout.write(`  ${key.padEnd(24)} ${(value as number).toFixed(2)}\n`);
  }
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)]! + sorted[Math.ceil(middle - 0.5)]!) / 2;
}
