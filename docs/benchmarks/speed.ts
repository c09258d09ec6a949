/** Training steps against PyTorch: bench/speed.ts. */
import { z } from 'zod';
import { percent, rows } from '../markdown.js';
import { type Ask, defineSection, notMeasured } from './section.js';

/** JSON has no infinity: without PyTorch, the ratios to it are null. */
const ratio = z.number().nullish();
const schema = z.object({
  rival: z.unknown().optional(),
  threads: z.int(),
  rounds: z.int(),
  loadAverage: z.number(),
  subjects: z.array(
    z.object({
      name: z.string(),
      batch: z.int(),
      medians: z.record(z.string(), z.number()),
      ratios: z.record(z.string(), ratio),
      samples: z.record(z.string(), z.array(z.number())),
    }),
  ),
});
type Content = z.infer<typeof schema>;

const times = (value: number) => `${value.toFixed(2)} times`;

function least(
  asked: string,
  subject: string,
  name: string,
  bound: number,
  words: (value: number) => string,
): Ask<Content> {
  return {
    asked,
    answer({ subjects }) {
      const value = subjects.find((measured) => measured.name === subject)?.ratios[name];
      if (value === null || value === undefined) return notMeasured;
      return { figure: words(value), met: value >= bound };
    },
  };
}

export const speed = defineSection({
  result: 'speed',
  title: 'Speed of training',
  what: 'Training steps of Temper against PyTorch eager at its best settings (contiguous and channels_last, 1 and all threads), and against the rate of a 1024x1024 matrix product in onnxruntime.',
  command: 'npm run bench:speed -- --python PYTHON',
  repeats: 'Medians over rounds in alternation; the range is that of the rounds.',
  schema,
  asks: [
    least(
      'VGG-5-slim at least 1.3 times as fast as PyTorch at its best',
      ...(['vgg5-slim', 'timesTorchBest'] as const),
      1.3,
      times,
    ),
    least(
      'VGG-5-slim at least 80 % of the rate of the matrix product (goal 90 %)',
      ...(['vgg5-slim', 'shareOfMatMulRate'] as const),
      0.8,
      (share) => percent(share, 0),
    ),
    least(
      'MLP at least 1.2 times as fast as PyTorch at its best',
      ...(['mlp', 'timesTorchBest'] as const),
      1.2,
      times,
    ),
    least(
      'ResNet-20 at least as fast as PyTorch contiguous',
      ...(['resnet20', 'timesTorchContiguous'] as const),
      1,
      times,
    ),
    least(
      'ResNet-20 at least 0.7 times as fast as PyTorch at its best (goal 1)',
      ...(['resnet20', 'timesTorchBest'] as const),
      0.7,
      times,
    ),
    {
      asked: 'a WVAT step with gamma 1 at most 1.15 times a plain step',
      answer({ subjects }) {
        const known = subjects.map(({ name, ratios }) => ({ name, value: ratios.wvatOverPlain }));
        if (known.length === 0 || known.some(({ value }) => typeof value !== 'number')) return notMeasured;
        return {
          figure: known.map(({ name, value }) => `${name} ${value!.toFixed(2)}`).join(', '),
          met: known.every(({ value }) => value! <= 1.15),
        };
      },
    },
    {
      asked: 'median of 10 alternating runs on a quiet machine',
      answer: ({ rounds, loadAverage, threads }) => ({
        figure: `${rounds} rounds; load average ${loadAverage.toFixed(1)}, ${threads} of it the benchmark's own threads`,
        met: rounds >= 10 && loadAverage < threads + 1,
      }),
    },
  ],
  tables: ({ subjects, threads, rival }) => [
    `Threads: ${threads}. PyTorch: ${rival === undefined || rival === null ? 'not measured' : versions(rival)}.`,
    rows(['network', 'batch', 'who', 'ms per step', 'range'], subjects.flatMap(timeRows)),
  ],
});

function timeRows({ name, batch, medians, samples }: Content['subjects'][number]): string[][] {
  return Object.entries(medians)
    .filter(([who]) => who !== 'matmul' && !who.endsWith(' cpu'))
    .map(([who, median]) => {
      const list = samples[who] ?? [];
      const range = `${Math.min(...list).toFixed(1)} … ${Math.max(...list).toFixed(1)}`;
      return [name, String(batch), who, median.toFixed(1), range];
    });
}

function versions(rival: unknown): string {
  if (typeof rival !== 'object' || rival === null) return String(rival);
  return Object.entries(rival)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}
