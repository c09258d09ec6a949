import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Arena } from '../../bench/lockRaces/race.js';
import { type Lock, takeLock } from '../../src/files/lock.js';
import { type Owner, ownProcess } from '../../src/files/owner.js';

/** As usual, a hundred times faster: no sign of life for 0.3 s and an owner that cannot be seen is dead. */
const pace = { beat: 40, look: 10 };
const linux = process.platform === 'linux';

let folder: string;
let path: string;
const held: Lock[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'temper-lock-'));
  path = join(folder, 'lock');
});
afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
  rmSync(folder, { recursive: true });
});

async function take(options = {}): Promise<Lock> {
  const lock = await takeLock(path, { pace, ...options });
  held.push(lock);
  return lock;
}

const token = 'ab'.repeat(16);
/** A lock as this owner would have left it. */
function leave(owner: Partial<Owner>): string {
  mkdirSync(path);
  const file = join(path, `${token}.json`);
  writeFileSync(file, `${JSON.stringify({ ...ownProcess(), ...owner })}000000000007`);
  return file;
}

describe('a lock', () => {
  it('lets one in, and the next one when it is given back, without a trace', async () => {
    const lock = await take();
    await expect(take()).rejects.toMatchObject({
      kind: 'io',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    await (await take()).release();
  });

  it.each([false, true])(
    'lets one of many in that try at the same time (left by a dead owner: %s)',
    async (stale) => {
      for (let round = 0; round < 3; round++) {
        if (stale) leave({ pid: 2 ** 22 + 1 });
        const tries = await Promise.allSettled(Array.from({ length: 12 }, () => takeLock(path, { pace })));
        const owners = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
        expect(owners).toHaveLength(1);
        await owners[0]!.release();
        expect(readdirSync(folder)).toEqual([]);
      }
    },
  );

  it('lets one process of several in', { timeout: 120_000 }, async () => {
    const arena = await Arena.open(3);
    try {
      for (const kind of ['fresh', 'stale'] as const)
        expect(await arena.race(kind, 5)).toMatchObject({ doubleOwners: 0, withoutOwner: 0, failures: [] });
    } finally {
      arena.close();
    }
  });
});

describe.runIf(linux)('a lock whose owner can be seen', () => {
  it.each([
    ['is gone', async () => ({ pid: 2 ** 22 + 1 })],
    ['has a process id that is used again', async () => ({ started: '1' })],
    ['is a zombie', zombie],
  ])('is taken over at once if it %s', async (_, owner) => {
    leave(await owner());
    let told = '';
    await take({ pace: { beat: 5000, look: 60_000 }, tell: (text: string) => (told += text) });
    expect(told).toBe('');
  });

  it('is refused at once while it lives, whatever the clocks say', async () => {
    const file = leave({});
    utimesSync(file, 1, 1);
    await expect(take({ pace: { beat: 5000, look: 60_000 } })).rejects.toThrow('in use by process');
    utimesSync(file, 4e9, 4e9);
    await expect(take({ pace: { beat: 5000, look: 60_000 } })).rejects.toThrow('in use by process');
  });
});

it('is free in a copy of its folder, whose owner works elsewhere', async () => {
  await take();
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  cpSync(path, join(copy, 'lock'), { recursive: true });
  let told = '';
  const lock = await takeLock(join(copy, 'lock'), { pace, tell: (text) => (told += text) });
  held.push(lock);
  expect(told).toContain('where this was copied from');
  await expect(take()).rejects.toThrow('in use by process');
});

it('is waited for if its owner is about to end, for the process above it has', async () => {
  const owner = spawn('sleep', ['1'], { stdio: 'ignore' });
  started.push(owner);
  const begun = readFileSync(`/proc/${owner.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;
  leave({ pid: owner.pid!, started: begun, above: { pid: 2 ** 22 + 1, started: '1' } });
  await take({ pace: { beat: 5000, look: 60_000 } });
  expect(owner.exitCode).toBe(0);
});

describe('a lock whose owner cannot be seen', () => {
  const elsewhere: [string, Partial<Owner>][] = [
    ['on another machine', { boot: 'another', host: 'another' }],
    ['in another container of the same name', { namespace: 'pid:[1]' }],
    ['before a restart', { boot: 'another' }],
  ];

  it.each(elsewhere)('is taken over if it gives no sign of life, %s', async (_, owner) => {
    const file = leave(owner);
    utimesSync(file, 4e9, 4e9); // a clock that runs ahead
    const told: string[] = [];
    await take({ tell: (text: string) => told.push(text) });
    expect(told).toEqual([expect.stringMatching(/^process \d+ on .* waiting 1 s for a sign of life/)]);
  });

  it.each(elsewhere)('is refused if it gives one, %s', async (_, owner) => {
    const file = leave(owner);
    utimesSync(file, 1, 1);
    setTimeout(() => writeFileSync(file, readFileSync(file, 'utf8').replace(/7$/, '8')), 100);
    await expect(take()).rejects.toThrow('signs of life');
    expect(readdirSync(path)).toEqual([`${token}.json`]);
  });

  it('gives signs of life by itself, also while its process is busy', async () => {
    await take();
    const [name] = readdirSync(path);
    const text = () => readFileSync(join(path, name!), 'utf8');
    await expect.poll(text, { timeout: 5000 }).not.toMatch(/0{12}$/);
    const before = text();
    const end = performance.now() + 1000;
    while (performance.now() < end);
    expect(text()).not.toBe(before);
  });

  it('is taken over if its record is damaged and nobody writes it', async () => {
    writeFileSync(leave({}), '');
    await take();
  });

  it('can be waited for no longer', async () => {
    leave({ boot: 'another' });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await expect(take({ signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('an owner that was taken for dead learns it', async () => {
  const lock = await take();
  lock.check();
  rmSync(path, { recursive: true });
  await expect.poll(() => lock.signal.aborted, { timeout: 5000 }).toBe(true);
  expect(() => lock.check()).toThrow('the lock is gone');
});

it('what is no lock is refused and stays', async () => {
  mkdirSync(path);
  writeFileSync(join(path, 'keys'), 'mine');
  await expect(take()).rejects.toThrow('no lock of temper');
  writeFileSync(join(path, `${token}.json`), 'mine too');
  await expect(take()).rejects.toThrow('no lock of temper');
  expect(readdirSync(path)).toHaveLength(2);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'mine');
  await expect(take()).rejects.toThrow('no lock of temper');
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

it('tries of killed processes are tidied away, nothing else', async () => {
  for (const [name, files] of [
    [`.lock.${token}`, { [`${token}.json`]: JSON.stringify({ ...ownProcess(), pid: 2 ** 22 + 1 }) }],
    [`.lock.${'cd'.repeat(16)}`, { 'thesis.tex': 'mine' }],
    ['.lock.2024-12', { 'x.json': '{}' }],
  ] as const) {
    mkdirSync(join(folder, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  }
  await take();
  expect(readdirSync(folder).sort()).toEqual(['.lock.2024-12', `.lock.${'cd'.repeat(16)}`, 'lock']);
});

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill();
});

/** A process that has ended and whose parent does not ask for it. */
async function zombie(): Promise<Partial<Owner>> {
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(parent);
  const [chunk] = await once(parent.stdout!, 'data');
  const pid = Number(chunk);
  const fields = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  const begun = fields()[19]!;
  await expect.poll(() => fields()[0], { timeout: 5000 }).toBe('Z');
  return { pid, started: begun };
}
