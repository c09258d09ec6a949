import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/onnx/file.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { nullDevice } from '../files/devices.js';
import { type Fixture, fixture, temper } from './fixture.js';
import { build, entry } from './process.js';

let files: Fixture;
beforeAll(async () => {
  files = await fixture(160);
  await temper(...verify('--json', files.path('report.json')));
});

const verify = (...more: string[]) => [
  ...[
    'verify',
    files.model,
    '--data',
    files.data,
    '--device',
    'gaussian:0.1',
    '--draws',
    '2',
    '--limit',
    '20',
  ],
  ...more,
];
const quick = ['--method', 'plain', '--epochs', '1', '--clip', '0', '--learning-rate', '0.01'];

/** All outputs of a command that ends soon, in places of their own. */
const commands: Record<string, [outputs: number, line: (...paths: string[]) => string[]]> = {
  verify: [3, (a, b, c) => verify('--json', a!, '--html', b!, '--write-chip', '1', c!)],
  report: [2, (a, b) => ['report', files.path('report.json'), '--out', a!, '--svg', b!]],
  export: [1, (a) => ['export', files.model, '--out', a!]],
  convert: [1, (a) => ['convert', files.model, '--data', files.data, '--timesteps', '4', '--out', a!]],
  finetune: [1, (a) => ['finetune', files.model, '--data', files.data, ...quick, '--out', a!]],
};

let count = 0;
const unused = () => files.path(`output ${count++}`);

/** Each kind of place: makes it, and says afterwards what is wrong with it. */
const places: Record<string, (path: string) => () => Promise<unknown>> = {
  link(path) {
    writeFileSync(`${path} real`, 'old');
    symlinkSync(`${path} real`, path);
    return async () => {
      expect(readlinkSync(path)).toBe(`${path} real`);
      expect(readFileSync(path).length).toBeGreaterThan(100);
    };
  },
  pipe(path) {
    execFileSync('mkfifo', [path]);
    const read = text(spawn('cat', [path]).stdout);
    return async () => {
      expect((await read).length).toBeGreaterThan(100);
      expect(lstatSync(path).isFIFO()).toBe(true);
    };
  },
  device(path) {
    symlinkSync(nullDevice(`${path} null`), path);
    return async () => {
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      expect(statSync(path).isCharacterDevice()).toBe(true);
    };
  },
};
const kinds = Object.values(places);

describe.runIf(process.platform !== 'win32').each(Object.entries(commands))('%s', (name, [outputs, line]) => {
  it('writes through links, to pipes and devices, and leaves them what they are', async () => {
    const turn = Object.keys(commands).indexOf(name);
    const paths = Array.from({ length: outputs }, unused);
    const look = paths.map((path, i) => kinds[(turn + i) % kinds.length]!(path));
    expect(await temper(...line(...paths))).toMatchObject({ code: 0 });
    for (const one of look) await one();
  });

  it('refuses files that are read-only, all of them before any work, with what to do', async () => {
    const paths = Array.from({ length: outputs }, unused);
    for (const path of paths) {
      writeFileSync(path, 'mine');
      chmodSync(path, 0o444);
    }
    const { code, out, err } = await temper(...line(...paths));
    expect({ code, out }).toEqual({ code: 4, out: '' });
    expect(err).toContain('is read-only');
    for (const path of paths) expect(err).toContain(path);
    expect(err).toContain('chmod u+w');
    for (const path of paths) expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});

describe.runIf(existsSync('/dev/full'))('a disk that is full', () => {
  it.each(Object.entries(commands))('%s: 4, with what to do', async (_, [outputs, line]) => {
    const paths = Array.from({ length: outputs }, () => '/dev/full');
    const { code, out, err } = await temper(...line(...paths));
    expect({ code, out }).toEqual({ code: 4, out: '' });
    expect(err).toMatch(/cannot write \/dev\/full: ENOSPC[^]*\n {2}hint: the disk is full/);
  });

  beforeAll(build, 120_000);
  it.each([
    ['inspect', () => ['inspect', files.model]],
    ['verify', () => verify('--json', '-', '--threads', '1')],
  ])('%s on standard output: 4, in words; a reader that has seen enough is none', (_, line) => {
    const words = line().map((word) => `'${word}'`);
    const shell = (rest: string) =>
      spawnSync('bash', ['-c', `'${process.execPath}' '${entry}' ${words.join(' ')} ${rest}`], {
        encoding: 'utf8',
      });
    const full = shell('> /dev/full');
    expect(full.status).toBe(4);
    expect(full.stderr).toMatch(/cannot write to standard output: ENOSPC.*\n {2}hint: the disk is full/);
    const enough = shell('| head -c 1 > /dev/null; exit $PIPESTATUS');
    expect(enough.status).toBe(0);
    expect(enough.stderr).not.toContain('cannot write');
  });
});

it('has no place for crossbar.json beside what is no file', async () => {
  const { code, err } = await temper('export', files.model, '--bits', '8', '--out', '/dev/stdout');
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('crossbar.json') });
});

it('finetune --checkpoint keeps other processes out of its folder', async () => {
  const [, line] = commands.finetune!;
  const folder = unused();
  const both = await Promise.all(
    [unused(), unused()].map((out) => temper(...line(out), '--checkpoint', folder)),
  );
  expect(both.map(({ code }) => code).sort()).toEqual([0, 4]);
  expect(both.map(({ err }) => err).join()).toContain('in use by process');
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

describe('what a command reads', () => {
  it('is not replaced, nor the files that hold the weights of a model', async () => {
    const model = files.path('large.onnx');
    await writeModel(model, await readModel('models/mnist-mlp.onnx'), { largest: 20_000 });
    const digits = [model, '--data', 'digits', '--scaling', 'mnist'];
    const data = `${model}.data`;
    const before = readFileSync(data);
    const words = [
      ['verify', ...digits, '--draws', '1', '--limit', '20', '--device', 'gaussian:0.1', '--json', data],
      ['export', model, '--out', data],
      ['finetune', ...digits, ...quick, '--out', data],
      ['convert', ...digits, '--timesteps', '4', '--out', data],
    ];
    for (const line of words) {
      const { code, err } = await temper(...line);
      expect(code).toBe(2);
      expect(err).toContain('this file is read and would be overwritten');
      expect(readFileSync(data).equals(before)).toBe(true);
    }
  });

  it('includes the checkpoint of the run', async () => {
    const folder = files.path('steps');
    const out = join(folder, 'checkpoint.safetensors');
    const line = [
      'finetune',
      files.model,
      '--data',
      files.data,
      ...quick,
      '--checkpoint',
      folder,
      '--out',
      out,
    ];
    const { code, err } = await temper(...line);
    expect(code).toBe(2);
    expect(err).toContain('would be overwritten');
  });
});

it('nothing is put beside a device when training diverges', async () => {
  mkdirSync(files.path('devices'));
  const device = nullDevice(files.path('devices/null'));
  const diverging = [
    '--method',
    'plain',
    '--epochs',
    '3',
    '--clip',
    '0',
    '--learning-rate',
    '1e30',
    '--optimizer',
    'sgd',
  ];
  const { code } = await temper('finetune', files.model, '--data', files.data, ...diverging, '--out', device);
  expect(code).toBe(3);
  for (const name of readdirSync('.').filter((name) => name.startsWith('tuned.best-epoch'))) rmSync(name);
  expect(readdirSync(files.path('devices')).filter((name) => name !== 'null')).toEqual([]);
});
