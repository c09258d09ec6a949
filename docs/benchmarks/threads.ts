/** What depends on threads and cores: bench/threads.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const files = z.record(z.string(), z.string());
const schema = z.object({
  different: z.object({ recipe: z.int(), threads: z.int(), verify: z.int() }),
  recipe: z.array(z.object({ cores: z.int(), seen: z.int(), files })),
  bound: z.array(z.object({ cores: z.int(), files })),
  threads: z.array(z.object({ threads: z.int(), tuned: z.string() })),
  verify: z.array(z.object({ threads: z.int(), report: z.string() })),
});

const coresAsked = [1, 2, 3, 4, 5, 6, 7, 8];

export const threads = defineSection({
  result: 'threads',
  title: 'Threads',
  what: 'One recipe on models/mnist-lenet.onnx in processes that are told of 1 to 8 cores (and bound to those there are), compared by SHA-256: models, metrics, report, recipe. Beside it what `--threads` 1 to 8 do: to training, where they are part of the recipe, and to verification.',
  command: 'npm run bench:threads',
  repeats:
    'The number of cores is made up, the kernels are those of one processor: another type may give other last bits.',
  schema,
  asks: [
    {
      asked: 'the same recipe gives the same bytes on 1 to 8 cores',
      answer({ different, recipe, bound }) {
        const seen = recipe.filter((row) => row.seen === row.cores).map(({ cores }) => cores);
        const all = coresAsked.every((cores) => seen.includes(cores));
        return {
          figure: `${different.recipe} different result${different.recipe === 1 ? '' : 's'} in ${recipe.length + bound.length} runs`,
          met: different.recipe > 1 ? false : all || undefined,
        };
      },
    },
    {
      asked: 'verification gives the same report with 1 to 8 threads',
      answer({ different, verify }) {
        return {
          figure: `${different.verify} different report${different.verify === 1 ? '' : 's'} in ${verify.length} runs`,
          met: different.verify > 1 ? false : verify.length >= coresAsked.length || undefined,
        };
      },
    },
  ],
  tables: ({ threads: trained, recipe }) => [
    'Training with another number of threads gives other last bits; the first digits of the SHA-256 of the result:',
    rows(
      ['threads', ...trained.map((row) => String(row.threads))],
      [['result', ...trained.map(({ tuned }) => tuned.slice(0, 8))]],
    ),
    'The recipe, which names 4 threads:',
    rows(
      ['cores', ...recipe.map((row) => String(row.cores))],
      [['result', ...recipe.map((row) => row.files['hardened.onnx']!.slice(0, 8))]],
    ),
  ],
});
