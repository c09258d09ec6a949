/** A few of the damaged models of bench/mutants.ts through verification: none may end, or be refused in words of our code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { judge } from '../../bench/mutants/judge.js';
import { load } from '../fuzz/load.js';
import { mutant } from '../fuzz/mutate.js';

const files = 12;

it(`${files} damaged models are verified, or refused with a reason`, { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'temper-mutants-'));
  const path = join(folder, 'model.onnx');
  const outcomes: string[] = [];
  for (let index = 0; index < files; index++) {
    const { told, bytes } = mutant(3, index);
    writeFileSync(path, bytes);
    const loaded = await load(path);
    const readable = loaded.kind === 'imported' || loaded.kind === 'refused by import';
    const { kind, reason } = readable ? await judge(path) : loaded;
    outcomes.push(kind);
    expect(kind, `file ${index} (${told}): ${reason}`).not.toBe('WRONG ERROR');
  }
  rmSync(folder, { recursive: true });
  expect(outcomes).toContain('refused by verification');
});
