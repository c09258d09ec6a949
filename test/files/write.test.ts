import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownProcess } from '../../src/files/owner.js';
import { writeWhole, writeWholeParts } from '../../src/files/write.js';
import { nullDevice } from './devices.js';

let folder: string;
const at = (name: string) => join(folder, name);
const content = (name: string) => readFileSync(at(name), 'utf8');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'temper-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const posix = process.platform !== 'win32';
const refusal = (name: string, what: string) => ({
  kind: 'io',
  problems: [expect.objectContaining({ what: expect.stringContaining(what), where: at(name) })],
});

describe('a file', () => {
  it('is written, replaced, and leaves nothing beside', async () => {
    await writeWhole(at('a'), 'one');
    await writeWholeParts(at('a'), [new Uint8Array([116, 119]), new Uint8Array([111])]);
    expect(content('a')).toBe('two');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it.runIf(posix)('keeps its permissions', async () => {
    writeFileSync(at('a'), '');
    chmodSync(at('a'), 0o640);
    await writeWhole(at('a'), 'new');
    expect(statSync(at('a')).mode & 0o777).toBe(0o640);
  });

  it.runIf(posix)('that is read-only stays, and the user learns what to do', async () => {
    writeFileSync(at('a'), 'mine');
    chmodSync(at('a'), 0o444);
    const error = await writeWhole(at('a'), 'new').catch((thrown) => thrown);
    expect(error).toMatchObject(refusal('a', 'read-only'));
    expect(error.problems[0].hint).toContain('chmod u+w');
    expect(content('a')).toBe('mine');
  });

  it('in no folder is refused', async () => {
    await expect(writeWhole(at('none/a'), '')).rejects.toMatchObject({ kind: 'io' });
    writeFileSync(at('a'), '');
    await expect(writeWhole(at('a/b'), '')).rejects.toMatchObject({ kind: 'io' });
    await expect(writeWhole(folder, '')).rejects.toMatchObject({ kind: 'io' });
  });
});

describe.runIf(posix)('a link', () => {
  it.each([true, false])('is followed and stays (to a file that is there: %s)', async (there) => {
    mkdirSync(at('real'));
    mkdirSync(at('links'));
    if (there) writeFileSync(at('real/a'), 'old');
    symlinkSync('../real/a', at('links/one'));
    symlinkSync('links/one', at('two'));
    await writeWhole(at('two'), 'new');
    expect(content('real/a')).toBe('new');
    expect(readlinkSync(at('two'))).toBe('links/one');
    expect(readlinkSync(at('links/one'))).toBe('../real/a');
    expect(readdirSync(at('real'))).toEqual(['a']);
    expect(readdirSync(at('links'))).toEqual(['one']);
  });

  it('in a circle is refused', async () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    await expect(writeWhole(at('a'), '')).rejects.toMatchObject(refusal('a', 'circle'));
  });

  it('to what is read-only is refused', async () => {
    writeFileSync(at('a'), 'mine');
    chmodSync(at('a'), 0o400);
    symlinkSync('a', at('b'));
    await expect(writeWhole(at('b'), 'new')).rejects.toMatchObject(refusal('b', 'read-only'));
  });
});

describe.runIf(posix)('what is no file', () => {
  const long = 'x'.repeat(300_000);

  it('is written to and stays: a device', async () => {
    const device = nullDevice(at('null'));
    symlinkSync(device, at('link'));
    for (const path of [device, at('link')]) {
      await writeWhole(path, long);
      expect(statSync(path).isCharacterDevice()).toBe(true);
    }
    expect(readlinkSync(at('link'))).toBe(device);
  });

  it('is written to and stays: a pipe, with a reader that is slow', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const reader = spawn('sh', ['-c', 'sleep 0.2; exec cat "$0"', at('pipe')]);
    const read = text(reader.stdout);
    await writeWhole(at('pipe'), long);
    expect(await read).toBe(long);
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
  });

  it.each(['socket'])('is refused: a %s', async (name) => {
    const server = createServer().listen(at(name));
    await once(server, 'listening');
    await expect(writeWhole(at(name), '')).rejects.toMatchObject(refusal(name, 'is a socket'));
    server.close();
  });

  /** By a process of its own, because its standard output is what is written to. */
  const writer = `import { writeWhole } from '${new URL('../../src/files/write.ts', import.meta.url)}';
    process.stdout.write('before\\n');
    await writeWhole(process.argv[1], '${'x'.repeat(300)}'.repeat(1000));
    process.stdout.write('after');`;
  const write = (path: string, output: 'pipe' | number) =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', writer, path], {
      stdio: ['ignore', output, 'inherit', output],
    });

  it('is written to in its order: standard output that is a pipe', async () => {
    expect(await text(write('/dev/stdout', 'pipe').stdout!)).toBe(`before\n${long}after`);
  });

  it('is written to in its order: standard output that is a file', async () => {
    const file = openSync(at('out'), 'w');
    await once(write('/dev/stdout', file), 'exit');
    closeSync(file);
    expect(content('out')).toBe(`before\n${long}after`);
  });

  it('is written to: a descriptor that the shell opened', async () => {
    expect(await text(write('/dev/fd/3', 'pipe').stdio[3] as Readable)).toBe(long);
  });
});

describe('what a killed process left half made', () => {
  const gone = { ...ownProcess(), pid: 2 ** 22 + 1 };
  const elsewhere = { ...ownProcess(), boot: 'another' };
  let names = 0;

  function leave(
    record: unknown,
    files: string[],
    name = `.temper-${String(names++).padStart(32, '0')}`,
  ): string {
    mkdirSync(at(name));
    for (const file of files) writeFileSync(at(`${name}/${file}`), 'half');
    if (record) writeFileSync(at(`${name}/owner.json`), JSON.stringify(record));
    return name;
  }

  it.runIf(process.platform === 'linux')('is removed by the next one, if it is surely that', async () => {
    leave({ owner: gone, files: ['a'] }, ['a']);
    leave({ owner: gone, files: ['never begun'] }, []);
    const old = leave({ owner: elsewhere, files: ['a'] }, ['a']);
    utimesSync(at(old), Date.now() / 1000 - 2 * 24 * 3600, Date.now() / 1000 - 2 * 24 * 3600);
    const kept = [
      leave({ owner: ownProcess(), files: ['a'] }, ['a']),
      leave({ owner: elsewhere, files: ['a'] }, ['a']),
      leave(undefined, ['a']),
      leave({ owner: gone, files: ['../mine'] }, ['a']),
      leave({ owner: gone, files: ['a'], also: 1 }, ['a']),
      leave({ owner: gone, files: ['a'] }, ['a'], '.temper-2024'),
      leave({ owner: gone, files: ['a'] }, ['a'], '.a.123-0'),
    ];
    const mixed = leave({ owner: gone, files: ['a'] }, ['a', 'thesis.tex']);
    writeFileSync(at('mine'), 'mine');
    writeFileSync(at('.backup.2024-12'), 'mine');
    await writeWhole(at('b'), 'new');
    expect(readdirSync(folder).sort()).toEqual([...kept, mixed, 'mine', '.backup.2024-12', 'b'].sort());
    expect(readdirSync(at(mixed))).toEqual(['thesis.tex']);
  });

  it.runIf(process.platform === 'linux')(
    'is removed with the part of it that has its name already',
    async () => {
      // Killed between the data and the model: the data alone are worth nothing.
      leave({ owner: gone, files: ['m.onnx', 'm.onnx.data'] }, ['m.onnx']);
      // Killed before either; other data of the name are not its own.
      leave({ owner: gone, files: ['n.onnx', 'n.onnx.data'] }, ['n.onnx', 'n.onnx.data']);
      // Finished by somebody else since.
      leave({ owner: gone, files: ['o.onnx', 'o.onnx.data'] }, ['o.onnx']);
      for (const name of ['m.onnx.data', 'n.onnx.data', 'o.onnx', 'o.onnx.data']) writeFileSync(at(name), '');
      await writeWhole(at('b'), 'new');
      expect(readdirSync(folder).sort()).toEqual(['b', 'n.onnx.data', 'o.onnx', 'o.onnx.data']);
    },
  );
});
