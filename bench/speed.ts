/**
 * Training steps of Temper against PyTorch eager, in alternation, and against the machine's matrix product.
 *
 *   npm run bench:speed -- [--python PYTHON] [--rounds 10] [--only mlp,vgg5-slim,resnet20] [--threads 2]
 *
 * PYTHON needs torch (CPU); without it Temper is measured alone. Every round times each candidate once, in turn; figures are
 * medians over the rounds, all samples are kept.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { writeResult } from './machine.js';
import { openMatMul } from './speed/matmul.js';
import { openRival, type Rival, type Timing, type Variant } from './speed/rival.js';
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

/** Milliseconds per step; for `matmul`, multiply-adds per second. Processor time under the key with ` cpu` added. */
type Samples = Record<string, number[]>;

const rival = await openRival(values.python!);
const variants: Variant[] = [...new Set([1, threads])].flatMap((count) => [
  { layout: 'contiguous' as const, threads: count },
  { layout: 'channels_last' as const, threads: count },
]);
const results: object[] = [];
for (const subject of subjects.filter(({ name }) => values.only!.split(',').includes(name))) {
  results.push(await measure(subject));
}
rival?.close();
if (!values.dry) {
  writeResult('speed', 'npm run bench:speed -- --python PYTHON', {
    rival: rival?.versions,
    threads,
    rounds,
    loadAverage: loadavg()[1],
    subjects: results,
  });
}

/** Every candidate once a round; the first round only warms up. */
async function measure(subject: Subject): Promise<object> {
  const { name, batch } = subject;
  const plain = await openRunner(subject, 'plain', { threads });
  const alone = await openRunner(subject, 'plain', { threads: 1 });
  const wvat = await openRunner(subject, 'wvat', { threads });
  const product = await openMatMul(threads);
  const candidates: [string, () => Promise<Timing>][] = [
    ['temper', () => plain.time()],
    ...(rival ? rivals(rival, name, batch, subject.rivalSteps ?? plain.steps) : []),
    ['temper wvat', () => wvat.time()],
    ['temper 1', () => alone.time()],
  ];
  const samples: Samples = {};
  const keep = (key: string, value: number) => {
    samples[key] = [...(samples[key] ?? []), value];
  };
  for (let round = 0; round <= rounds; round++) {
    for (const [candidate, time] of candidates) {
      const { milliseconds, cpu } = await time();
      if (round === 0) continue;
      keep(candidate, milliseconds);
      keep(`${candidate} cpu`, cpu);
    }
    const rate = await product.rate();
    if (round > 0) keep('matmul', rate);
  }
  await Promise.all([plain, alone, wvat, product].map((runner) => runner.release()));
  return summary(subject, plain.steps, samples);
}

function rivals(torch: Rival, net: string, batch: number, steps: number): [string, () => Promise<Timing>][] {
  const offered = net === 'mlp' ? variants.filter(({ layout }) => layout === 'contiguous') : variants;
  return offered.map((variant) => [
    `torch ${variant.layout} ${variant.threads}`,
    () => torch.time(net, batch, steps, variant),
  ]);
}

function summary(subject: Subject, stepsPerRun: number, samples: Samples): object {
  const medians = Object.fromEntries(Object.entries(samples).map(([key, list]) => [key, median(list)]));
  const temper = medians.temper!;
  const best = (pattern: RegExp) =>
    Math.min(...Object.entries(medians).map(([key, value]) => (pattern.test(key) ? value : Infinity)));
  const ratios = {
    timesTorchBest: best(/^torch \w+ \d+$/) / temper,
    timesTorchContiguous: best(/^torch contiguous \d+$/) / temper,
    timesTorchBestByCpuOnOneThread: best(/^torch \w+ 1 cpu$/) / medians['temper 1 cpu']!,
    shareOfMatMulRate: multiplyAdds(subject) / (temper / 1000) / medians.matmul!,
    wvatOverPlain: medians['temper wvat']! / temper,
  };
  const { name, batch } = subject;
  const figures = {
    name,
    batch,
    stepsPerRun,
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
