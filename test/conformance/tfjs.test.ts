import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../structure/sources.js';
import { chooseFiles } from './tfjs/choice.js';
import { known } from './tfjs/known.js';
import { summarize } from './tfjs/verdict.js';

// In a process of its own: the run makes itself at home in the globals of tfjs and jasmine.
function run(...options: string[]) {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  return spawnSync(process.execPath, [tsx, 'test/conformance/tfjs/run.ts', ...options], {
    cwd: root,
    encoding: 'utf8',
  });
}

it('passes tests of tfjs-core, computed by onnxruntime', () => {
  const folder = mkdtempSync(join(tmpdir(), 'temper-'));
  const json = join(folder, 'results.json');
  const { status, stdout } = run('--only', 'ops/g', '--json', json);
  expect(status, stdout).toBe(0);
  const { total, files } = JSON.parse(readFileSync(json, 'utf8'));
  rmSync(folder, { recursive: true });
  expect(Object.keys(files)).toEqual(['ops/gather', 'ops/gather_nd', 'ops/greater', 'ops/greater_equal']);
  expect(total.failed).toBe(0);
  // A spec either expects an error or reads what was computed.
  expect(total.computed).toBeGreaterThan(0.6 * total.passed);
});

it('accounts for every test file of tfjs-core', () => {
  const { run: chosen, without, unknown } = chooseFiles();
  expect(unknown).toEqual([]);
  expect(chosen.filter((file) => without.some((other) => other.file === file))).toEqual([]);
});

it('names specs of files that run, each with a reason', () => {
  const { run: chosen } = chooseFiles();
  expect(known.filter(({ file, reason }) => !chosen.includes(file) || reason.length < 20)).toEqual([]);
});

it('tells a spec that fails, one that is listed, and one that is listed but passes', () => {
  const [entry] = known;
  const result = (file: string, name: string, ...failures: string[]) => ({
    file,
    name,
    failures,
    computed: true,
  });
  const { total, failed, stale } = summarize([
    result('ops/add', 'adds'),
    result('ops/add', 'adds strings', 'a string tensor cannot be recorded'),
    result('ops/add', 'adds wrongly', 'Arrays differ'),
    result(entry!.file, entry!.spec, 'Arrays differ'),
  ]);
  expect(total).toMatchObject({ passed: 1, 'foreign type': 1, failed: 1, known: 1 });
  expect(failed.map(({ name }) => name)).toEqual(['adds wrongly']);
  expect(stale).toEqual([]);
  expect(summarize([result(entry!.file, entry!.spec)]).stale).toEqual([entry]);
});
