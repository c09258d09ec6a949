/** How long files and functions are: bench/sizes.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const lengths = z.object({
  count: z.int(),
  lines: z.int(),
  median: z.int(),
  longest: z.object({ lines: z.int(), where: z.string() }),
});
const schema = z.object({
  states: z.array(z.object({ name: z.string(), commit: z.string(), files: lengths, functions: lengths })),
});

type Lengths = z.output<typeof lengths>;

export const sizes = defineSection({
  result: 'sizes',
  title: 'How long files and functions are',
  what: 'Lines of the files and functions of `src`, comments included, before the house was rebuilt and after; functions by the syntax tree of the compiler, those whose body is a block.',
  command: 'npm run bench:sizes',
  repeats: 'Nothing is measured twice: it is counted.',
  schema,
  asks: [
    {
      asked: 'median and longest file and function, before and after',
      answer: ({ states }) => ({
        figure: states
          .map(({ name, files, functions }) => `${name}: ${told(files)} and ${told(functions)}`)
          .join('; '),
        met: ['before', 'after'].every((name) => states.some((state) => state.name === name)),
      }),
    },
  ],
  tables: ({ states }) => [
    rows(
      ['', 'commit', 'files', 'median', 'longest', 'functions', 'median', 'longest'],
      states.map(({ name, commit, files, functions }) => [
        name,
        commit,
        ...cells(files),
        ...cells(functions),
      ]),
    ),
  ],
});

function told({ median, longest }: Lengths): string {
  return `${median} / ${longest.lines}`;
}

function cells({ count, median, longest }: Lengths): string[] {
  return [String(count), String(median), `${longest.lines} (${longest.where})`];
}
