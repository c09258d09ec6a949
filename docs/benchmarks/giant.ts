/** Models of more bytes than one buffer holds: bench/giant.ts. */
import { z } from 'zod';
import { megabytes, rows } from '../markdown.js';
import { defineSection, notMeasured } from './section.js';

const schema = z.object({
  loadAverage: z.number(),
  commands: z.array(
    z.object({
      command: z.string(),
      model: z.string(),
      bytes: z.int(),
      peak: z.int(),
      together: z.int(),
      seconds: z.number(),
      code: z.int().nullable(),
      refusal: z.string().optional(),
    }),
  ),
});

const most = 2.5;
const times = (size: number, bytes: number) => `${(size / bytes).toFixed(2)} x`;

export const giant = defineSection({
  result: 'giant',
  title: 'Models beyond 2 GiB',
  what: 'The largest resident size of the process of a command over the size of the model with its external data; with the process apart, in which models are first tried, under "together", at one moment. Nothing is taken off for Node and the libraries. 20 examples, 2 chips, one epoch.',
  command: 'npm run bench:giant',
  repeats: 'One run each.',
  schema,
  asks: [
    {
      asked:
        'a model of 2.4 GB verified, and trained where its size is a table that is not trained, within 2.5 times its size',
      answer({ commands }) {
        if (!commands.some(({ command }) => command === 'verify')) return notMeasured;
        return {
          figure: commands
            .map(({ command, model, bytes, peak, code }) =>
              code === 0
                ? `${command}, ${model}: ${times(peak, bytes)}`
                : `${command}, ${model}: exit code ${code}`,
            )
            .join('; '),
          met: commands.every(({ peak, bytes, code }) => code === 0 && peak <= most * bytes),
        };
      },
    },
  ],
  tables: ({ loadAverage, commands }) => [
    `Load average ${loadAverage.toFixed(1)}: the machine was shared, and the seconds say little.`,
    rows(
      ['command', 'model', 'size', 'peak memory', 'of the size', 'together', 'seconds', 'exit code'],
      commands.map(({ command, model, bytes, peak, together, seconds, code }) => [
        command,
        model,
        megabytes(bytes),
        megabytes(peak),
        times(peak, bytes),
        times(together, bytes),
        seconds.toFixed(0),
        String(code),
      ]),
    ),
  ],
});
