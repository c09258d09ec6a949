import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('a process that loads onnxruntime leaves no log of its telemetry', () => {
  const load = `await import(${JSON.stringify(new URL('../../src/runtime/session.ts', import.meta.url).href)})`;
  const script = `${load}; process.stdout.write(String(process.pid))`;
  const tsx = import.meta.resolve('tsx');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', tsx, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  expect(existsSync(join(tmpdir(), `mat-debug-${stdout}.log`))).toBe(false);
});
