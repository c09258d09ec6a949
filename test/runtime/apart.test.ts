import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runApart } from '../../src/runtime/apart.js';
import { moduleBeside } from '../../src/runtime/thread.js';
import { root } from '../structure/sources.js';

const module = moduleBeside(import.meta.url, 'apartWork');
const limits = { bytes: 2 ** 31, seconds: 60 };
const run = (argument: string, less: Partial<typeof limits> = {}, signal?: AbortSignal) =>
  runApart<number>({ module, argument, limits: { ...limits, ...less } }, signal);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('does the work in another process, and the next work in the same', async () => {
  const [first, second] = await Promise.all([run('pid'), run('pid')]);
  expect(first).toEqual({ done: expect.any(Number) });
  expect(first).not.toEqual({ done: process.pid });
  expect(second).toEqual(first);
});

it('tells how the process died and what it was about to do', async () => {
  expect(await run('crash')).toEqual({ death: { cause: 'SIGFPE', doing: 'asked for: crash' } });
});

it('ends a process that takes too long, or too much', async () => {
  expect(await run('spin', { seconds: 0.2 })).toEqual({ death: { cause: 'time', doing: 'asked for: spin' } });
  expect(await run('grow', { bytes: 2 ** 29 })).toEqual({
    death: { cause: 'memory', doing: 'asked for: grow' },
  });
});

it('throws what the work throws, and works on', async () => {
  await expect(run('refuse')).rejects.toMatchObject({ kind: 'model', message: 'refused in words' });
  expect(await run('pid')).toHaveProperty('done');
});

it('ends at once when it is interrupted', async () => {
  const controller = new AbortController();
  const running = run('spin', {}, controller.signal);
  setTimeout(() => controller.abort(), 200);
  await expect(running).rejects.toMatchObject({ kind: 'interrupted' });
});

it('does not outlive a parent that is killed, even in a loop without end', async () => {
  const parent = spawn(
    process.execPath,
    [
      ...['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval'],
      `import { runApart } from ${JSON.stringify(new URL('../../src/runtime/apart.ts', import.meta.url).href)};
       const order = (argument) => ({ module: ${JSON.stringify(module)}, argument, limits: ${JSON.stringify(limits)} });
       console.log((await runApart(order('pid'))).done);
       await runApart(order('spin'));`,
    ],
    { cwd: join(root), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const pid = Number(await new Promise((resolve) => parent.stdout.once('data', (text) => resolve(text))));
  await new Promise((resume) => setTimeout(resume, 300));
  expect(alive(pid)).toBe(true);
  parent.kill('SIGKILL');
  for (let i = 0; i < 100 && alive(pid); i++) await new Promise((resume) => setTimeout(resume, 50));
  expect(alive(pid)).toBe(false);
});
