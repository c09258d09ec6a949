import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { unsupportedNode } from '../../src/cli/nodeVersion.js';
import { suggest } from '../../src/cli/parse/suggest.js';
import { environment } from '../../src/cli/run/environment.js';
import { describeFailure } from '../../src/cli/terminal/failure.js';
import { createProgress, duration } from '../../src/cli/terminal/progress.js';
import { table } from '../../src/cli/terminal/table.js';
import { sha256OfFile, writeWhole } from '../../src/cli/write/outputFile.js';
import { TemperError } from '../../src/errors.js';
import { recordingTerminal } from './terminal.js';

describe('failures', () => {
  it('show every problem in three lines and have the exit code of their kind', () => {
    const problems = [{ what: 'a is wrong', where: 'here', hint: 'mend it' }, { what: 'b is wrong' }];
    const failure = describeFailure(new TemperError('model', problems));
    expect(failure.code).toBe(3);
    expect(failure.text).toBe('a is wrong\n  at here\n  hint: mend it\nb is wrong');
    expect(failure.json.error).toEqual({ kind: 'model', exitCode: 3, problems });
  });

  it.each([
    ['requirement', 1],
    ['usage', 2],
    ['model', 3],
    ['io', 4],
    ['interrupted', 130],
  ] as const)('of kind %s exit with %i', (kind, code) => {
    expect(describeFailure(new TemperError(kind, { what: 'x' })).code).toBe(code);
  });

  it('of the file system are no bugs', async () => {
    const error = await readFile('/no/such/file').catch((thrown) => thrown);
    expect(describeFailure(error)).toMatchObject({ code: 4, text: expect.stringContaining('/no/such/file') });
  });

  it('show a stack only for bugs', () => {
    const failure = describeFailure(new TypeError('undefined is not a function'));
    expect(failure.code).toBe(70);
    expect(failure.text).toContain('bug');
    expect(failure.text).toContain('outside.test.ts');
  });
});

describe('Node versions', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '23.0.0', '24.1.0'])('%s will do', (version) => {
    expect(unsupportedNode(version)).toBeUndefined();
  });
  it.each(['18.20.0', '20.18.3', '21.7.0', '22.11.0'])('%s is refused with a hint', (version) => {
    expect(unsupportedNode(version)).toContain('hint: install Node');
  });
});

describe('output files', () => {
  it('appear whole, with their folders, and leave nothing else behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temper-files-'));
    await writeWhole(join(folder, 'a', 'b.txt'), 'content');
    expect(await readdir(join(folder, 'a'))).toEqual(['b.txt']);
    expect(await sha256OfFile(join(folder, 'a', 'b.txt'))).toBe(
      'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73',
    );
    expect(await sha256OfFile(join(folder, 'c.txt'))).toBeUndefined();
    await rm(folder, { recursive: true });
  });
});

describe('progress', () => {
  it('is a line now and then where there is no terminal', () => {
    vi.useFakeTimers();
    const terminal = recordingTerminal();
    const progress = createProgress(terminal, false);
    progress.start('training', 100);
    for (let done = 1; done <= 100; done++) {
      vi.advanceTimersByTime(1000);
      progress.update(done, `loss ${done}`);
    }
    progress.finish('fine');
    vi.useRealTimers();
    expect(terminal.noted[0]).toBe('training: 5 %, 1 min 35 s left, loss 5');
    expect(terminal.noted.length).toBeLessThan(7);
    expect(terminal.noted.at(-1)).toBe('training: fine (1 min 40 s)');
  });

  it('is silent when told so', () => {
    const terminal = recordingTerminal();
    const progress = createProgress(terminal, true);
    progress.start('training', 1);
    progress.finish();
    expect(terminal.noted).toEqual([]);
  });

  it('tells time for people', () => {
    expect([0.4, 59, 61, 3600, 7800].map(duration)).toEqual([
      '0 s',
      '59 s',
      '1 min 1 s',
      '1 h 0 min',
      '2 h 10 min',
    ]);
  });
});

describe('texts', () => {
  it('suggests the nearest word, if one is near', () => {
    expect(suggest('epcohs', ['epochs', 'device'])).toBe('epochs');
    expect(suggest('qqq', ['epochs', 'device'])).toBeUndefined();
  });

  it('aligns numbers to the right', () => {
    expect(
      table(
        ['name', 'value'],
        [
          ['a', '1'],
          ['bcd', '10.5 %'],
        ],
      ),
    ).toEqual(['name   value', '----  ------', 'a          1', 'bcd   10.5 %']);
  });

  it('knows the versions a result depends on', () => {
    const found = environment();
    for (const value of Object.values(found)) expect(value).not.toBe('unknown');
    expect(found.onnxruntime).toMatch(/^1\./);
    expect(found.tfjs).toMatch(/^4\./);
  });
});
