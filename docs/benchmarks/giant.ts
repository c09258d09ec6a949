/** Models of more bytes than one buffer holds: bench/giant.ts. */
import { z } from 'zod';
import { megabytes, rows } from '../markdown.js';
import { defineSection, notMeasured } from './section.js';

const schema = z.object({
  rows: z.array(
    z.object({
      command: z.string(),
      model: z.string(),
      bytes: z.int(),
      peak: z.int(),
      apart: z.int(),
      together: z.int(),
      seconds: z.number(),
      code: z.int().nullable(),
      refusal: z.string().optional(),
      measured: z.object({ date: z.string(), commit: z.string(), loadAverage: z.number() }),
    }),
  ),
});
type Row = z.infer<typeof schema>['rows'][number];

const most = 2.5;
const times = (size: number, bytes: number) => `${(size / bytes).toFixed(2)} x`;
const needed = ['harden', 'export'];

/** A model whose layers take all of it cannot be trained here, and that is said before any work. */
const isRefused = ({ command, code }: Row) => command === 'finetune' && code === 3;

export const giant = defineSection({
  result: 'giant',
  title: 'Models beyond 2 GiB',
  what: 'The largest resident size of the process that does the work of a command, over the size of the model with its external data; "apart" is that of the process in which models are first tried and written files opened, "together" what all of them take at one moment, where what two have mapped counts twice. Nothing is taken off for Node and the libraries. 20 examples, 2 chips, one epoch. The claim is the memory: the machine was shared, and the seconds say little.',
  command: 'npm run bench:giant',
  repeats: 'One run each.',
  schema,
  asks: [
    {
      asked:
        'a model of 2.4 GB with external data verified, hardened and exported within 2.5 times its size; where training takes more than there is, refused before it begins',
      answer({ rows: all }) {
        const isThere = (name: string) => all.some(({ command }) => command.startsWith(name));
        if (!needed.every(isThere) || !all.some(isRefused)) return notMeasured;
        return {
          figure: all
            .map((row) =>
              row.code === 0
                ? `${row.command}, ${row.model}: ${times(row.peak, row.bytes)}`
                : `${row.command}, ${row.model}: ${isRefused(row) ? 'refused' : `exit code ${row.code}`}`,
            )
            .join('; '),
          met: all.every(
            (row) => isRefused(row) || (row.code === 0 && Math.max(row.peak, row.apart) <= most * row.bytes),
          ),
        };
      },
    },
  ],
  tables: ({ rows: all }) => [
    rows(
      [
        'command',
        'model',
        'size',
        'peak memory',
        'of the size',
        'apart',
        'together',
        'seconds',
        'exit code',
        'load',
        'commit',
      ],
      all.map(({ command, model, bytes, peak, apart, together, seconds, code, measured }) => [
        command,
        model,
        megabytes(bytes),
        megabytes(peak),
        times(peak, bytes),
        times(apart, bytes),
        times(together, bytes),
        seconds.toFixed(0),
        String(code),
        measured.loadAverage.toFixed(1),
        measured.commit,
      ]),
    ),
    ...all.flatMap(({ command, model, refusal }) =>
      refusal === undefined ? [] : [`${command}, ${model}, says:\n\n\`\`\`text\n${refusal}\n\`\`\``],
    ),
  ],
});
