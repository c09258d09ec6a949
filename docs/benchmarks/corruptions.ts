/** Damaged files of runs: bench/corruptions.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const trial = z.object({
  moment: z.string(),
  file: z.string(),
  damage: z.string(),
  verdict: z.enum(['refused', 'made good', 'no matter', 'other, told', 'silent', 'bug']),
  code: z.int(),
  said: z.string().optional(),
  others: z.array(z.string()).optional(),
});
const schema = z.object({ kinds: z.int(), trials: z.array(trial) });

const kindsAsked = 150;

const words: Record<z.infer<typeof trial>['verdict'], string> = {
  refused: 'refused with an exit code of its own and what to do',
  'made good': 'the results of a run left alone, and the damage told',
  'no matter': 'the results of a run left alone; nothing damaged was read, or all of it is made again',
  'other, told': 'other results, and the reason told',
  silent: 'other results, and nothing said',
  bug: 'exit code 70',
};

export const corruptions = defineSection({
  result: 'corruptions',
  title: 'Damaged runs',
  what: 'Files of run folders (in the midst of training, of the training of the rival, after the end) and of a `finetune --checkpoint` folder: bits turned, cut off, emptied, missing, exchanged, and their content edited; then the same command again, against the undamaged folder.',
  command: 'npm run bench:corruptions',
  repeats: 'Nothing is drawn: every run gives the same.',
  schema,
  asks: [
    {
      asked: `${kindsAsked} kinds of corruption: 0 silent, 0 exit code 70`,
      answer({ kinds, trials }) {
        const count = (verdict: string) => trials.filter((each) => each.verdict === verdict).length;
        const [silent, bugs] = [count('silent'), count('bug')];
        return {
          figure: `of ${kinds} kinds ${silent} silent, ${bugs} exit code 70`,
          met: silent + bugs > 0 ? false : kinds >= kindsAsked || undefined,
        };
      },
    },
  ],
  tables: ({ trials }) => [
    rows(
      ['what came of it', 'kinds'],
      Object.entries(words).map(([verdict, told]) => [
        told,
        String(trials.filter((each) => each.verdict === verdict).length),
      ]),
    ),
    ...(trials.some(({ verdict }) => verdict === 'other, told')
      ? [
          'Other results, told:',
          rows(
            ['file', 'damage', 'said', 'other'],
            trials
              .filter(({ verdict }) => verdict === 'other, told')
              .map(({ file, damage, said = '', others = [] }) => [file, damage, said, others.join(', ')]),
          ),
        ]
      : []),
  ],
});
