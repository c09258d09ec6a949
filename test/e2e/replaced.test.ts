/** A model is read once: what is judged is what was checked, whatever becomes of its path meanwhile. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import { readModel } from '../../src/onnx/file.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { recordingTerminal } from '../cli/terminal.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
beforeAll(async () => {
  files = await fixture(320);
  const model = await readModel(files.model);
  const [first, ...others] = model.graph.initializers;
  const other = { ...first!, rawData: Uint8Array.from(first!.rawData!, (byte) => byte ^ 1) };
  await writeModel(files.path('other.onnx'), {
    ...model,
    graph: { ...model.graph, initializers: [other, ...others] },
  });
});

const judged = ['--device', 'gaussian:0.1', '--draws', '2', '--limit', '40', '--threads', '1'];
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Runs the command; at its first note, when everything was checked, the files are replaced by other.onnx. */
async function replacing(paths: readonly string[], ...argv: string[]): Promise<number> {
  const terminal = recordingTerminal();
  let done = false;
  return runProgram(argv, {
    ...terminal,
    note(text) {
      terminal.note(text);
      if (done) return;
      done = true;
      for (const path of paths) {
        // Renamed into place, as programs that write models do.
        copyFileSync(files.path('other.onnx'), `${path}.new`);
        renameSync(`${path}.new`, path);
      }
    },
  });
}

it('verify judges the files that were checked', async () => {
  const names = ['model', 'against', 'noise'] as const;
  const [model, against, noise] = names.map((name) => files.path(`${name}-replaced.onnx`));
  for (const path of [model!, against!, noise!]) copyFileSync(files.model, path);
  const args = ['verify', model!, '--against', against!, '--noise-from', noise!, '--data', files.data];
  const all = [...args, ...judged];
  expect(await temper(...all, '--json', files.path('before.json'))).toMatchObject({ code: 0 });
  expect(await replacing([model!, against!, noise!], ...all, '--json', files.path('after.json'))).toBe(0);
  expect(sha256(model!)).toBe(sha256(files.path('other.onnx')));
  const [before, after] = ['before', 'after'].map((name) =>
    JSON.parse(readFileSync(files.path(`${name}.json`), 'utf8')),
  );
  for (const { sha256: read } of [after.model, after.against.model, after.noiseFrom])
    expect(read).toBe(sha256(files.model));
  expect(after).toEqual(before);
});

it('harden names the very file that was judged, and no other', async () => {
  const model = files.path('hardened-model.onnx');
  copyFileSync(files.model, model);
  const out = (name: string) => files.path(`replaced-run/${name}`);
  const args = ['harden', model, '--data', files.data, '--out', files.path('replaced-run'), '--bits', '8'];
  const short = ['--epochs', '1', '--train-limit', '160', '--batch-size', '32', '--learning-rate', '0.05'];
  const all = [
    ...args,
    ...short,
    '--clip',
    '0',
    '--rivals',
    'plain',
    '--threads',
    '1',
    ...judged.slice(2, 6),
  ];

  // The rival is trained after the judging: what is replaced by then was judged under another digest.
  const terminal = recordingTerminal();
  const code = await runProgram(all, {
    ...terminal,
    note(text) {
      terminal.note(text);
      if (String(text).includes('is trained now')) copyFileSync(model, out('checkpoint/exported.onnx'));
    },
  });
  expect(terminal.noted.join('\n')).toContain('this is not the file that was judged');
  expect(code).toBe(4);
  expect(existsSync(out('hardened.onnx'))).toBe(false);

  const { code: again, err } = await temper(...all);
  expect(again, err).toBe(0);
  const { sha256: verdict } = JSON.parse(readFileSync(out('checkpoint/after.json'), 'utf8')).model;
  for (const name of ['hardened.onnx', 'checkpoint/exported.onnx']) expect(sha256(out(name))).toBe(verdict);

  // crossbar.json is that of the file beside it, as `temper export` would write it.
  const crossbar = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const exported = await temper(
    'export',
    out('finetuned.onnx'),
    '--bits',
    '8',
    '--out',
    files.path('codes/hardened.onnx'),
  );
  expect(exported.code).toBe(0);
  expect(crossbar(out('crossbar.json'))).toEqual(crossbar(files.path('codes/crossbar.json')));
  expect(crossbar(out('crossbar.json')).model).toEqual({ file: 'hardened.onnx', sha256: verdict });

  // A start that was killed between the two files ends where it would have.
  const whole = readFileSync(out('crossbar.json'), 'utf8');
  rmSync(out('crossbar.json'));
  expect((await temper(...all)).code).toBe(0);
  expect(readFileSync(out('crossbar.json'), 'utf8')).toBe(whole);
});
