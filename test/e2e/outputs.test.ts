import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { nullDevice } from '../files/devices.js';
import { type Fixture, fixture, temper } from './fixture.js';

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
