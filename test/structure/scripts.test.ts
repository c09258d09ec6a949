import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filesUnder, root } from './sources.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;

/** Where somebody is told what to run: headers of programs, results of benchmarks, pages. */
const places = [
  'README.md',
  '.ci/run',
  ...filesUnder('bench'),
  ...filesUnder('bench/results', '.json'),
  ...filesUnder('models'),
  ...filesUnder('models', '.md'),
  ...filesUnder('docs'),
  ...filesUnder('docs', '.md'),
];
const told = places.flatMap((path) =>
  [...read(path).matchAll(/npm run (?:-\S+ )?([a-z][\w:-]*)/g)].map((match) => ({ path, name: match[1]! })),
);

it('finds what the pages tell to run', () => {
  expect(told.length).toBeGreaterThan(5);
});

it('tells to run only scripts that exist', () => {
  expect(told.filter(({ name }) => !(name in scripts))).toEqual([]);
});

it('runs only files that exist', () => {
  const files = Object.values(scripts).flatMap((line) =>
    [...line.matchAll(/\btsx (\S+)/g)].map((m) => m[1]!),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(() => read(file), file).not.toThrow();
});
