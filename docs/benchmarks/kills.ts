/** Whatever is killed ends as if it were left alone: bench/kills.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  asked: z.int(),
  rows: z.array(
    z.object({
      command: z.string(),
      kills: z.int(),
      late: z.int(),
      secondsAlone: z.number(),
      half: z.int(),
      different: z.array(z.string()),
    }),
  ),
});

const killsAsked = 200;

export const kills = defineSection({
  result: 'kills',
  title: 'Kills of every command that writes',
  what: 'Every command that writes, on a small model, killed with SIGKILL at random moments (those that resume up to three times in a row) and given again until it ends. All files of the folder against those of a run left alone; of commands that write at the end, also right after each kill: whole, or not there. A file of the user lies beside them under the name that unfinished files once had.',
  command: 'npm run bench:kills',
  repeats: 'The moments are drawn with a fixed seed, but what they hit depends on the machine.',
  schema,
  asks: [
    {
      asked: `${killsAsked} kills: the same files, byte for byte, nothing half written, nothing left over`,
      answer({ rows: found }) {
        const sum = (pick: (row: (typeof found)[number]) => number) =>
          found.reduce((total, row) => total + pick(row), 0);
        const count = sum((row) => row.kills);
        const different = sum((row) => row.different.length);
        const half = sum((row) => row.half);
        return {
          figure: `${count} kills: ${different} runs ended otherwise, ${half} files were half written`,
          met: different + half > 0 ? false : count >= killsAsked || undefined,
        };
      },
    },
  ],
  tables: ({ rows: found }) => [
    rows(
      ['command', 'kills', 'came after the end', 'seconds alone', 'ended otherwise', 'half written'],
      found.map((row) => [
        `\`${row.command}\``,
        String(row.kills),
        String(row.late),
        row.secondsAlone.toFixed(1),
        row.different.length === 0 ? '0' : row.different.join('; '),
        String(row.half),
      ]),
    ),
  ],
});
