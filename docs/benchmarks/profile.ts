/** Where the time of a training step goes: bench/profile.ts. */
import { z } from 'zod';
import { percent, rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  subjects: z.record(
    z.string(),
    z.object({
      batch: z.int(),
      milliseconds: z.number(),
      peakMemoryMiB: z.number(),
      operators: z.record(z.string(), z.object({ milliseconds: z.number(), calls: z.number() })),
    }),
  ),
});

/** Operators that take less of a step are summed up. */
const listed = 6;
const networks = ['mlp', 'vgg5-slim', 'resnet20'];

export const profile = defineSection({
  result: 'profile',
  title: 'Where the time goes',
  what: "Operators of a plain training step by onnxruntime's profiler, whose own cost is in the times, and the peak memory of the process.",
  command: 'npm run bench:profile',
  repeats: 'Means over three runs of the loop.',
  schema,
  asks: [
    {
      asked: 'where the time goes, by operator; peak memory',
      answer({ subjects }) {
        const missing = networks.filter((name) => !(name in subjects));
        return missing.length === 0
          ? { figure: 'below', met: true }
          : { figure: `not measured: ${missing.join(', ')}`, met: undefined };
      },
    },
  ],
  tables: ({ subjects }) => [
    rows(
      ['network', 'batch', 'ms in operators', 'operators', 'peak memory'],
      Object.entries(subjects).map(([name, { batch, milliseconds, operators, peakMemoryMiB }]) => [
        name,
        String(batch),
        milliseconds.toFixed(1),
        shares(operators, milliseconds),
        `${peakMemoryMiB} MiB`,
      ]),
    ),
  ],
});

function shares(operators: Record<string, { milliseconds: number }>, total: number): string {
  const byTime = Object.entries(operators).sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  const rest = byTime.slice(listed).reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
  return [
    ...byTime
      .slice(0, listed)
      .map(([name, { milliseconds }]) => `${name} ${percent(milliseconds / total, 0)}`),
    `others ${percent(rest / total, 0)}`,
  ].join(', ');
}
