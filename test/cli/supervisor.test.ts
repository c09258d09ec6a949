/** A model that behaves where it is tried, and not on a later batch: it is ended, with a reason, and so is it by Ctrl-C. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { isSupervised, supervise, supervisedCommands } from '../../src/cli/supervisor.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { npy, npz, temporaryFolder } from '../data/layouts.js';
import { build, entry, start } from '../e2e/process.js';

const folder = temporaryFolder();
const supervisor = new URL('../../dist/cli/supervisor.js', import.meta.url);
const path = (name: string) => join(folder, name);
const [classes, size, count, special] = [2, 4, 400, 300];

/** Classes by Gemm; besides, a loop that goes round as often as the brightest value of the batch above 0.95 says. */
function inputDependent(): Model {
  const scalar = (name: string, value: number) =>
    makeTensor(name, DataType.FLOAT, [], Float32Array.of(value));
  const body = makeGraph({
    name: 'round',
    nodes: [makeNode('Identity', ['go'], ['go_out']), makeNode('Add', ['v', 'one'], ['v_out'])],
    inputs: [
      tensorInfo('i', DataType.INT64, []),
      tensorInfo('go', DataType.BOOL, []),
      tensorInfo('v', DataType.FLOAT, []),
    ],
    outputs: [tensorInfo('go_out', DataType.BOOL, []), tensorInfo('v_out', DataType.FLOAT, [])],
  });
  return makeModel(
    makeGraph({
      nodes: [
        makeNode('ReduceMax', ['x'], ['brightest'], { keepdims: 0 }),
        makeNode('Sub', ['brightest', 'edge'], ['above']),
        makeNode('Relu', ['above'], ['rest']),
        makeNode('Mul', ['rest', 'huge'], ['rounds']),
        makeNode('Cast', ['rounds'], ['M'], { to: DataType.INT64 }),
        makeNode('Loop', ['M', '', 'zero'], ['looped'], { body: { graph: body } }),
        makeNode('Mul', ['looped', 'zero'], ['nothing']),
        makeNode('Gemm', ['x', 'w'], ['logits'], {}, { name: 'fc' }),
        makeNode('Add', ['logits', 'nothing'], ['y']),
      ],
      initializers: [
        makeTensor('w', DataType.FLOAT, [size, classes], Float32Array.from([1, 0, 1, 0, 0, 1, 0, 1])),
        scalar('edge', 0.95),
        scalar('huge', 1e15),
        scalar('zero', 0),
        scalar('one', 1),
      ],
      inputs: [tensorInfo('x', DataType.FLOAT, ['N', size])],
      outputs: [tensorInfo('y', DataType.FLOAT, ['N', classes])],
    }),
  );
}

beforeAll(async () => {
  build();
  await writeModel(path('model.onnx'), inputDependent());
  // No pixels: nothing is tried under other scalings.
  const values = Float32Array.from({ length: count * size }, (_, i) => ((i * 37) % 200) / 20 - 9.5);
  values[special * size] = 1;
  const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % classes));
  writeFileSync(
    path('data.npz'),
    npz({ x_test: npy('<f4', [count, size], values), y_test: npy('<i8', [count], labels) }),
  );
});

const verify = (...options: string[]) =>
  start(
    'verify',
    path('model.onnx'),
    '--data',
    `npz:${path('data.npz')}`,
    '--scaling',
    'asis',
    '--draws',
    '2',
    ...options,
  );

it('watches over every command that runs models here, and no other', () => {
  const running = commands.filter(({ name, options }) => 'max-seconds' in options && name !== 'export');
  expect([...supervisedCommands].sort()).toEqual(running.map(({ name }) => name).sort());
});

it('ends a batch that takes too long with 3 and says which, in threads too, and leaves nothing behind', async () => {
  const { code, out, err } = await verify('--max-seconds', '3', '--threads', '2', '--json', '-').ended;
  const { error } = JSON.parse(out);
  expect({ code, err, kind: error.kind }).toEqual({ code: 3, err: expect.any(String), kind: 'model' });
  expect(error.problems[0].what).toMatch(
    /more than 9 s for this model when it is run on 144 examples, 256 to 399/,
  );
  expect(error.problems[0].hint).toContain('--max-seconds N allows more');
  expect(readdirSync(folder).sort()).toEqual(['data.npz', 'model.onnx']);
}, 60_000);

it('ends at once at the second Ctrl-C, even where onnxruntime does not come back', {
  timeout: 60_000,
  retry: 3,
}, async () => {
  const { child, ended } = verify('--quiet');
  // Its first batches take milliseconds: by now it is in the loop.
  await new Promise((resume) => setTimeout(resume, 3000));
  child.kill('SIGINT');
  await new Promise<void>((resolve) =>
    child.stderr!.on('data', (text) => String(text).includes('again') && resolve()),
  );
  // Blocked: what is asked for at first never comes.
  await new Promise((resume) => setTimeout(resume, 700));
  expect(child.exitCode).toBe(null);
  const asked = performance.now();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: null, signal: 'SIGINT' });
  expect(performance.now() - asked).toBeLessThan(1500);
});

it('tells what a crash was over', async () => {
  writeFileSync(
    path('crash.mjs'),
    `import { writeSync } from 'node:fs';
     writeSync(Number(process.env.TEMPER_REPORT), '{"seen":"run on 3 examples"}\\n');
     setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 100);`,
  );
  const { error } = await supervise(path('crash.mjs'), [], () => {});
  expect(error).toMatchObject({ kind: 'model' });
  expect(error!.message).toContain('ended with SIGSEGV when it is run on 3 examples');
  rmSync(path('crash.mjs'));
});

it('hands on the descriptors that a shell made for outputs', async () => {
  writeFileSync(
    path('write.mjs'),
    `import { writeFileSync } from 'node:fs'; writeFileSync(process.argv[2], 'written');`,
  );
  const above = `import('${supervisor}').then(({ supervise }) => supervise('${path('write.mjs')}', ['/dev/fd/19'], () => {}))`;
  execFileSync('bash', ['-c', `exec "${process.execPath}" -e "$1" 19>"$2"`, 'bash', above, path('written')]);
  expect(readFileSync(path('written'), 'utf8')).toBe('written');
  for (const name of ['write.mjs', 'written']) rmSync(path(name));
});

it('says of a descriptor that nobody opened what it says of any output', async () => {
  const { code, err } = await verify('--quiet', '--limit', '20', '--json', '/dev/fd/277').ended;
  expect(err).toMatch(/is not open: descriptor 277/);
  expect(code).toBe(4);
}, 60_000);

it('takes a signal that comes to it and to its group for one', { timeout: 60_000, retry: 3 }, async () => {
  writeFileSync(
    path('obedient.mjs'),
    `import { writeFileSync } from 'node:fs';
     process.on('message', () => setTimeout(() => process.exit(7), 300));
     writeFileSync(process.argv[2], 'ready');`,
  );
  const code = `import('${supervisor}').then(({ supervise }) => supervise('${path('obedient.mjs')}', ['${path('ready')}'], () => {})).then(({ code }) => process.exit(code ?? 1))`;
  const above = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  const ended = new Promise((resolve) => above.once('exit', (...ending) => resolve(ending)));
  await vi.waitFor(() => expect(existsSync(path('ready'))).toBe(true), 20_000);
  above.kill('SIGTERM');
  for (const until = performance.now() + 5; performance.now() < until; );
  above.kill('SIGTERM');
  expect(await ended).toEqual([7, null]);
  for (const name of ['obedient.mjs', 'ready']) rmSync(path(name));
});

it('leaves nobody behind that was still starting when the process above was killed', async () => {
  writeFileSync(
    path('slow.mjs'),
    `import { writeFileSync } from 'node:fs';
     if (process.env.TEMPER_REPORT) {
       writeFileSync('${path('below')}', String(process.pid));
       for (const until = Date.now() + 1000; Date.now() < until; );
     }`,
  );
  const above = spawn(
    process.execPath,
    ['--import', path('slow.mjs'), entry, 'verify', path('model.onnx'), '--data', `npz:${path('data.npz')}`],
    { stdio: 'ignore' },
  );
  await vi.waitFor(
    () => expect(existsSync(path('below')) && readFileSync(path('below'), 'utf8')).toMatch(/\d/),
    20_000,
  );
  above.kill('SIGKILL');
  const below = Number(readFileSync(path('below'), 'utf8'));
  await vi.waitFor(() => expect(isRunning(below)).toBe(false), 20_000);
  for (const name of ['slow.mjs', 'below']) rmSync(path(name));
}, 50_000);

/** One that has ended may wait for its parent to hear of it, where the first process hears of nothing. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !(existsSync(`/proc/${pid}/stat`) && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch {
    return false;
  }
}

it('is there for commands that run models, and not for their help', () => {
  expect(isSupervised(['verify', 'model.onnx'])).toBe(true);
  expect(isSupervised(['verify', '--help'])).toBe(false);
  expect(isSupervised(['inspect', 'model.onnx'])).toBe(false);
});
