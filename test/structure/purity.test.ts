import { expect, it } from 'vitest';
import { codeOf, filesUnder, folderOf, readSource, root, sources } from './sources.js';

const stages = sources.filter((file) => folderOf(file.path) !== 'cli');

/** Lines of code (not of comments) that match, as path:line. */
function hits(files: typeof sources, pattern: RegExp): string[] {
  return files.flatMap((file) =>
    codeOf(file.text)
      .split('\n')
      .flatMap((line) => (pattern.test(line) ? [`${file.path}: ${line.trim()}`] : [])),
  );
}

it('draws no randomness outside src/random', () => {
  expect(hits(sources, /\bMath\.random\b|\btf\.(random\w+|truncatedNormal|dropout|multinomial)\b/)).toEqual(
    [],
  );
});

it('reads no clock in the stages', () => {
  expect(hits(stages, /\bDate\.now\b|\bnew Date\b|\bperformance\.now\b|\bprocess\.hrtime\b/)).toEqual([]);
});

it('prints nothing and ends no process outside the command line', () => {
  expect(hits(stages, /\bconsole\.|\bprocess\.(exit|stdout|stderr)\b/)).toEqual([]);
});

it('never calls process.exit, which aborts while threads compute, and sets the exit code in one place', () => {
  expect(hits(sources, /\bprocess\.exit\(/)).toEqual([]);
  const setting = hits(sources, /\bprocess\.exitCode\b/).map((hit) => hit.split(':')[0]);
  expect([...new Set(setting)]).toEqual(['src/cli/main.ts']);
});

it('leaves no placeholder behind', () => {
  const unfinished = sources.filter((file) =>
    /\b(TODO|FIXME|XXX|HACK)\b|not (yet )?implemented/i.test(file.text),
  );
  expect(unfinished.map((file) => file.path)).toEqual([]);
});

it('names no path of a particular machine', () => {
  const files = ['src', 'test', 'bench', 'models', 'docs'].flatMap((folder) => [
    ...filesUnder(folder, '.ts'),
    ...filesUnder(folder, '.md'),
  ]);
  const own = 'test/structure/purity.test.ts';
  const absolute = files
    .filter((path) => path !== own)
    .map(readSource)
    .filter((file) => /['"`( ]\/(work|home|root|Users)\//.test(file.text) || file.text.includes(root));
  expect(absolute.map((file) => file.path)).toEqual([]);
});
