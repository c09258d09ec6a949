import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root } from './sources.js';

interface Package {
  optionalDependencies?: Record<string, string>;
}

const read = (name: string) => JSON.parse(readFileSync(`${root}${name}`, 'utf8'));
const locked: Record<string, Package> = read('package-lock.json').packages;

// A registry mirror without the packages of other platforms makes npm drop them from the lock file, and `npm ci` then
// fails everywhere. Regenerate with the full registry, or put the entries back (version, os, cpu suffice).
it('locks the packages of every platform', () => {
  const missing = Object.entries(locked).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) => !locked[`node_modules/${name}`] && !locked[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

it('locks what package.json asks for', () => {
  const manifest = read('package.json');
  const own = locked[''] as Record<string, unknown>;
  for (const group of ['dependencies', 'devDependencies', 'peerDependencies'])
    expect(own[group]).toEqual(manifest[group]);
});
