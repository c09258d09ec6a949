import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as api from '../../src/index.js';
import { build } from '../e2e/process.js';
import { root, sources } from './sources.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

it('exports exactly these names', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "TemperError",
      "betterScaling",
      "brokenValues",
      "calibrationBatches",
      "checkConvertible",
      "checkModel",
      "checkRequirement",
      "convertToSnn",
      "crossbarTensors",
      "decodeModel",
      "describeProblem",
      "devices",
      "encodeModel",
      "examine",
      "exitCodes",
      "exportModel",
      "finetune",
      "importModel",
      "methods",
      "neurons",
      "openDataset",
      "openExtents",
      "optimizers",
      "parseDevice",
      "parseReport",
      "parseRequirement",
      "probeScalings",
      "readModel",
      "rehearse",
      "renderReport",
      "reportSchema",
      "scopeText",
      "unmappedLayers",
      "verify",
      "writeExport",
      "writeModel",
    ]
  `);
});

describe('package.json', () => {
  beforeAll(build);

  it('points at files that are built', () => {
    const { types, default: entry } = manifest.exports['.'];
    for (const path of [types, entry, manifest.bin.temper])
      expect(existsSync(join(root, path)), path).toBe(true);
  });

  it('lets the command run', () => {
    const path = join(root, manifest.bin.temper);
    expect(readFileSync(path, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(execFileSync(process.execPath, [path, '--version'], { encoding: 'utf8' }).trim()).toBe(
      manifest.version,
    );
  });

  it('declares every library that src imports, and no other', () => {
    const imported = sources.flatMap(({ imports }) =>
      imports.flatMap(({ specifier }) => (/^(\.|node:|\$\{)/.test(specifier) ? [] : [packageOf(specifier)])),
    );
    const declared = Object.keys(manifest.dependencies);
    expect([...new Set(imported)].filter((name) => !declared.includes(name))).toEqual([]);
    expect(declared.filter((name) => !imported.includes(name))).toEqual([]);
  });

  it('packs what is needed, and little of it', () => {
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [packed] = Object.values(JSON.parse(output)) as { size: number; files: { path: string }[] }[];
    const paths = packed!.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/index.d.ts',
        'dist/cli/main.js',
        'LICENSE',
        'CHANGELOG.md',
      ]),
    );
    for (const page of paths.filter((path) => path.endsWith('.md')))
      for (const linked of linksOf(page))
        expect(
          paths.some((path) => path === linked || path.startsWith(`${linked}/`)),
          `${page}: ${linked}`,
        ).toBe(true);
    expect(paths.filter((path) => /^(src|test|bench|\.ci)\//.test(path))).toEqual([]);
    // Nothing but what src is compiled to: no fixture, no file that is gone from src.
    const sourceOf = (path: string) =>
      path.replace(/^dist\//, 'src/').replace(/(\.d)?\.[jt]s(\.map)?$/, '.ts');
    const own = new Set(sources.map(({ path }) => path));
    const foreign = paths.filter((path) => path.startsWith('dist/') && !own.has(sourceOf(path)));
    expect(foreign).toEqual([]);
    // Models are most of it.
    expect(packed!.size).toBeLessThan(10e6);
  });

  it('has models of at most 6 MB', () => {
    const models = execFileSync('git', ['ls-files', 'models/*.onnx'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter(Boolean);
    const large = models.filter((path) => statSync(join(root, path)).size > 6e6);
    expect(large).toEqual([]);
  });
});

/** Files of this repository that a page links to, as paths from its root. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link]) =>
    posix.normalize(posix.join(posix.dirname(page), link!)),
  );
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
