import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, fixture } from './fixture.js';
import { build, start, until } from './process.js';

let files: Fixture;
beforeAll(async () => {
  build();
  files = await fixture();
});

const harden = (out: string) =>
  start(
    ...['harden', files.model, '--data', files.data, '--out', files.path(out), '--device', 'gaussian:0.2'],
    ...['--epochs', '16', '--batch-size', '32', '--draws', '2', '--levels', '1', '--limit', '40'],
  );

const metrics = (out: string) => {
  const path = files.path(`${out}/metrics.jsonl`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};
const epochs = (out: string) => metrics(out).split('"kind":"epoch"').length - 1;

describe('the process', () => {
  it('prints results on standard output and nothing else', async () => {
    const { code, out, err } = await start('inspect', files.model, '--json').ended;
    expect(code).toBe(0);
    expect(JSON.parse(out).schema).toBe(1);
    expect(err).toBe('');
  });

  it('ends with the exit code of its error', async () => {
    expect(await start('hardn', 'x').ended).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('temper harden?'),
    });
  });
});

describe('a verification stopped twice', () => {
  it('ends at once by the signal, without the crash of a library', { timeout: 60_000 }, async () => {
    const { child, ended } = start(
      ...['verify', files.model, '--data', files.data, '--draws', '20000', '--json', files.path('v.json')],
    );
    let told = '';
    child.stderr!.on('data', (chunk) => {
      const first = !told.includes('again');
      told += chunk;
      // Later than what counts as one signal (supervisor.ts).
      if (first && told.includes('again')) setTimeout(() => child.kill('SIGINT'), 100);
    });
    await until(() => told.includes('verifying'), ended);
    // Held, the process that does the work reaches no safe point before the second signal.
    for (const below of childrenOf(child.pid)) process.kill(below, 'SIGSTOP');
    child.kill('SIGINT');
    const { code, signal, err } = await ended;
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
    expect(err).not.toContain('terminate called');
    expect(existsSync(files.path('v.json'))).toBe(false);
  });
});

describe('an interrupted harden', () => {
  it('ends bit for bit where an uninterrupted one ends', async () => {
    const alone = await harden('alone').ended;
    expect(alone).toMatchObject({ code: 0 });

    for (const killAfter of [2, 7]) {
      const { child, ended } = harden('killed');
      await until(() => epochs('killed') >= killAfter, ended);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
    }
    const { child, ended } = harden('killed');
    await until(() => epochs('killed') >= 11, ended);
    child.kill('SIGINT');
    const interrupted = await ended;
    expect(interrupted).toMatchObject({ code: 130, out: '' });
    expect(interrupted.err).toContain('start the same command again');
    expect(existsSync(files.path('killed/lock'))).toBe(false);

    const resumed = await harden('killed').ended;
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.err).toContain('going on with the run');
    for (const name of ['finetuned.onnx', 'hardened.onnx', 'metrics.jsonl'])
      expect(
        readFileSync(files.path(`killed/${name}`)).equals(readFileSync(files.path(`alone/${name}`))),
      ).toBe(true);
  }, 240_000);
});

/** Where Linux's /proc tells. */
function childrenOf(parent: number | undefined): number[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const file = `/proc/${pid}/stat`;
      return (
        existsSync(file) &&
        readFileSync(file, 'utf8')
          .replace(/^.*\) \S /, '')
          .startsWith(`${parent} `)
      );
    })
    .map(Number);
}
