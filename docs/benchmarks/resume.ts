/** Killed runs end as those left alone: bench/resume.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  options: z.array(z.string()),
  trials: z.array(z.object({ after: z.number(), killed: z.boolean(), hardened: z.boolean() })),
  equal: z.boolean(),
});

const killsAsked = 10;

export const resume = defineSection({
  result: 'resume',
  title: 'Resuming',
  what: '`temper harden` on models/mnist-lenet.onnx, killed with SIGKILL at random moments and started again; the hardened file against that of a run left alone.',
  command: 'npm run bench:resume',
  repeats: 'The moments are drawn with a fixed seed, but what they hit depends on the machine.',
  schema,
  asks: [
    {
      asked: `killed ${killsAsked} times: the same hardened file, bit for bit`,
      answer({ trials, equal }) {
        const kills = trials.filter(({ killed }) => killed).length;
        const late = trials.length - kills;
        return {
          figure: `${equal ? 'the same file' : 'ANOTHER FILE'} after ${kills} kills${late > 0 ? ` (${late} more came after the end of the run)` : ''}`,
          met: equal ? kills >= killsAsked || undefined : false,
        };
      },
    },
  ],
  tables: ({ trials, options }) => [
    `Options: \`${options.join(' ')}\`.`,
    rows(
      ['killed after', ...trials.map((_, i) => String(i + 1))],
      [
        ['seconds', ...trials.map(({ after, killed }) => (killed ? after.toFixed(1) : 'ended'))],
        ['result already written', ...trials.map(({ hardened }) => (hardened ? 'yes' : 'no'))],
      ],
    ),
  ],
});
