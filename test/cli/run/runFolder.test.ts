import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Recipe } from '../../../src/cli/run/recipe.js';
import type { RunFile } from '../../../src/cli/run/runFiles.js';
import { openRunFolder, type RunFolder } from '../../../src/cli/run/runFolder.js';
import { writeWhole } from '../../../src/cli/write/outputFile.js';
import { makeGraph, makeModel } from '../../../src/onnx/build.js';
import { DataType } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { writeModel } from '../../../src/onnx/writeFile.js';
import { exampleRecipe } from '../exampleRecipe.js';

let parent: string;
let path: string;
const open: RunFolder[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'temper-run-'));
  path = join(parent, 'run');
});
afterEach(async () => {
  for (const folder of open.splice(0)) await folder.close();
  await rm(parent, { recursive: true });
});

async function start(recipe: Recipe = exampleRecipe(), options = {}): Promise<RunFolder> {
  const folder = await openRunFolder(path, recipe, options);
  open.push(folder);
  return folder;
}

async function stop(): Promise<void> {
  await open.pop()!.close();
}

describe('a run folder', () => {
  it('begins with its recipe and goes on with the same one', async () => {
    expect((await start()).resumed).toBe(false);
    const { sha256, ...written } = JSON.parse(await readFile(join(path, 'recipe.json'), 'utf8'));
    expect(written).toEqual(exampleRecipe());
    expect(sha256).toBe(createHash('sha256').update(JSON.stringify(exampleRecipe())).digest('hex'));
    await stop();
    expect((await start()).resumed).toBe(true);
  });

  it('refuses another recipe and says what differs, all of it', async () => {
    await start();
    await stop();
    const other = exampleRecipe({ epochs: 9, device: 'gaussian:0.2' });
    const error = await start(other).catch((thrown) => thrown);
    expect(error.kind).toBe('usage');
    expect(error.problems.map(({ what }: { what: string }) => what).sort()).toEqual([
      '--device: "gaussian:0.1" then, "gaussian:0.2" now',
      '--epochs: 8 then, 9 now',
    ]);
    expect(error.message).toContain('--fresh');
  });

  it('refuses the same files read as other data, and follows them to another place', async () => {
    await start(exampleRecipe({ data: 'cifar100:data' }));
    await stop();
    const error = await start(exampleRecipe({ data: 'cifar100-coarse:data' })).catch((thrown) => thrown);
    expect(error.message).toContain('--data: read as cifar100 then, as cifar100-coarse now');
    expect((await start(exampleRecipe({ data: 'cifar100:elsewhere' }))).resumed).toBe(true);
  });

  it('begins anew with --fresh, and removes only what the run made', async () => {
    const first = await start();
    const made: RunFile[] = ['hardened.onnx', 'checkpoint/before.json', 'rivals/plain.onnx'];
    await first.stage('all', made, async () => {
      for (const name of made) await writeWhole(first.file(name), 'old');
    });
    await stop();
    const mine = ['notes.txt', '.backup.2024-12', '.env.1-2', 'checkpoint/model.pt'];
    for (const name of mine) await writeFile(join(path, name), 'mine');
    const folder = await start(exampleRecipe({ epochs: 9 }), { fresh: true });
    expect(folder.resumed).toBe(false);
    expect(
      (await readdir(path, { recursive: true })).filter((name) => !name.startsWith('lock')).sort(),
    ).toEqual([...mine, 'checkpoint', 'files.json', 'recipe.json'].sort());
    for (const name of mine) expect(await readFile(join(path, name), 'utf8')).toBe('mine');
  });

  it.each(['report.json', 'hardened.onnx', 'checkpoint/checkpoint.safetensors', 'finetuned.onnx.data'])(
    'neither replaces nor removes a file that it did not make: %s',
    async (name) => {
      const first = await start();
      await first.stage('before', ['checkpoint/before.json'], () =>
        writeWhole(first.file('checkpoint/before.json'), '{}'),
      );
      await stop();
      await writeFile(join(path, name), 'mine');
      for (const options of [{}, { fresh: true }])
        await expect(start(exampleRecipe(), options)).rejects.toMatchObject({
          kind: 'usage',
          message: expect.stringMatching(new RegExp(`not one that the run made.*\\s+at .*${name}`)),
        });
      expect(await readFile(join(path, name), 'utf8')).toBe('mine');
      expect(await readFile(join(path, 'checkpoint/before.json'), 'utf8')).toBe('{}');
    },
  );

  it('does not replace a file that came while it ran', async () => {
    const folder = await start();
    await writeFile(join(path, 'report.json'), 'mine');
    const work = () => writeWhole(folder.file('report.json'), '{}');
    await expect(folder.stage('report', ['report.json'], work)).rejects.toThrow('not one that the run made');
    expect(await readFile(join(path, 'report.json'), 'utf8')).toBe('mine');
  });

  it('does not write through a link or pipe in place of a file that it made', async () => {
    const folder = await start();
    await folder.stage('report', ['report.json'], () => writeWhole(folder.file('report.json'), '{}'));
    await stop();
    await writeFile(join(parent, 'mine'), 'mine');
    await rm(join(path, 'report.json'));
    await symlink(join(parent, 'mine'), join(path, 'report.json'));
    await expect(start()).rejects.toThrow('not one that the run made');
    expect(await readFile(join(parent, 'mine'), 'utf8')).toBe('mine');
  });

  it.each(['', '{"schema":1,"files":["../secret"]}', '{"schema":1,"files":["report.json"],"sha256":""}'])(
    'goes on with nothing where the record of its files is damaged: %s',
    async (text) => {
      await start();
      await stop();
      await writeFile(join(path, 'files.json'), text);
      for (const options of [{}, { fresh: true }])
        await expect(start(exampleRecipe(), options)).rejects.toMatchObject({ kind: 'io' });
    },
  );

  it('begins in a folder where an earlier start was killed at once', async () => {
    await start();
    await stop();
    await rm(join(path, 'recipe.json'));
    expect((await start()).resumed).toBe(false);
  });

  it('tells what changed around it since it began', async () => {
    expect((await start()).changes).toEqual([]);
    await stop();
    const recipe = exampleRecipe();
    recipe.environment.node = '22';
    expect((await start(recipe)).changes).toEqual(['node: 20 then, 22 now']);
  });

  it('does not care where the inputs lie, only what is in them', async () => {
    await start();
    await stop();
    const moved = exampleRecipe({ data: 'digits:elsewhere' });
    moved.model.path = 'elsewhere/model.onnx';
    expect((await start(moved)).resumed).toBe(true);
    await stop();
    moved.model.sha256 = 'f'.repeat(64);
    await expect(start(moved)).rejects.toThrow('another file');
  });

  it.each(['thesis.tex', 'report.json', '.env.1-2', 'files.json', 'checkpoint/model.pt', '.temper-2024'])(
    'refuses a folder that holds something else: %s',
    async (name) => {
      await mkdir(join(path, name, '..'), { recursive: true });
      await writeFile(join(path, name), 'mine');
      for (const options of [{}, { fresh: true }])
        await expect(start(exampleRecipe(), options)).rejects.toThrow(name.split('/')[0]!);
      expect(await readFile(join(path, name), 'utf8')).toBe('mine');
      expect(await readdir(path)).toEqual([name.split('/')[0]]);
    },
  );

  it.each(['{"flour": "500 g"}', ''])('refuses a folder with a recipe of another kind: %s', async (text) => {
    await mkdir(path);
    await writeFile(join(path, 'recipe.json'), text);
    for (const options of [{}, { fresh: true }])
      await expect(start(exampleRecipe(), options)).rejects.toThrow('not one that the run made');
    expect(await readFile(join(path, 'recipe.json'), 'utf8')).toBe(text);
  });

  it('lets only one process in', async () => {
    await start();
    await expect(openRunFolder(path, exampleRecipe())).rejects.toThrow(`in use by process ${process.pid}`);
  });

  it('ends its work if another process took it over', async () => {
    const folder = await start();
    await rm(join(path, 'lock'), { recursive: true });
    await expect.poll(() => folder.lock.signal.aborted, { timeout: 10_000 }).toBe(true);
    await expect(folder.stage('report', ['report.json'], async () => {})).rejects.toMatchObject({
      kind: 'io',
    });
  });

  it.each(['{', '[]', 'null', '{"export": null}', '{"run":"","stages":{},"sha256":""}'])(
    'starts over where its record is damaged, and says so: %s',
    async (text) => {
      await start();
      await stop();
      await writeFile(join(path, 'stages.json'), text);
      const warned: string[] = [];
      const folder = await start(exampleRecipe(), { onWarning: (words: string) => warned.push(words) });
      expect(await folder.stage('export', ['hardened.onnx'], async () => {})).toBe(true);
      expect(warned.join()).toContain('stages.json is damaged');
    },
  );

  it('believes no record with a changed note, and none of another run', async () => {
    const first = await start();
    const work = () => writeWhole(first.file('finetuned.onnx'), 'weights');
    await first.stage('finetune', ['finetuned.onnx'], async (note) => {
      note('accuracy 90 %');
      await work();
    });
    await stop();
    const record = join(path, 'stages.json');
    const text = await readFile(record, 'utf8');
    await writeFile(record, text.replace('90', '99'));
    const again = await start();
    expect(await again.stage('finetune', ['finetuned.onnx'], work)).toBe(true);
    await stop();

    const other = join(parent, 'other');
    const folder = await openRunFolder(other, exampleRecipe({ epochs: 9 }));
    open.push(folder);
    const same = () => writeWhole(folder.file('finetuned.onnx'), 'weights');
    await folder.stage('finetune', ['finetuned.onnx'], same);
    await stop();
    await copyFile(record, join(other, 'stages.json'));
    const warned: string[] = [];
    open.push(await openRunFolder(other, exampleRecipe({ epochs: 9 }), { onWarning: (t) => warned.push(t) }));
    expect(await open.at(-1)!.stage('finetune', ['finetuned.onnx'], async () => {})).toBe(true);
    expect(warned.join()).toContain('another run');
  });

  it.each([
    ['a path', '"path": "model.onnx"', '"path": "mode1.onnx"'],
    ['a version', '"node": "20"', '"node": "21"'],
    ['an option', '"epochs": 8', '"epochs": 9'],
    ['no digest', /,\s*"sha256": "\w+"\s*\}\s*$/, '}'],
    ['half of it', /[^]{200}$/, ''],
  ])('refuses its own recipe with %s changed, and says what to do', async (_, from, to) => {
    await start();
    await stop();
    const file = join(path, 'recipe.json');
    const text = await readFile(file, 'utf8');
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    await writeFile(file, changed);
    await expect(start()).rejects.toMatchObject({ kind: 'io', message: expect.stringContaining('--fresh') });
    expect(await readFile(file, 'utf8')).toBe(changed);
  });

  it('refuses a run whose options mean other settings now', async () => {
    const recipe = exampleRecipe();
    await start({ ...recipe, training: { schedule: { learningRate: 0.1 }, threads: 4 } });
    await stop();
    await expect(
      start({ ...recipe, training: { schedule: { learningRate: 0.2 }, threads: 4 } }),
    ).rejects.toThrow('training, schedule.learningRate: 0.1 then, 0.2 now');
  });

  it('says what is wrong with a damaged recipe', async () => {
    await start();
    await stop();
    await writeFile(join(path, 'recipe.json'), '{"schema": 1, "command": "toast"}');
    const error = await start().catch((thrown) => thrown);
    expect(error.kind).toBe('io');
    expect(error.problems.length).toBeGreaterThan(2);
  });
});

describe('stages', () => {
  const work = (folder: RunFolder, content: string) => () =>
    writeWhole(folder.file('finetuned.onnx'), content);

  it('are skipped once done', async () => {
    const first = await start();
    expect(await first.stage('finetune', ['finetuned.onnx'], work(first, 'weights'))).toBe(true);
    await stop();
    const second = await start();
    expect(await second.stage('finetune', ['finetuned.onnx'], work(second, 'never'))).toBe(false);
    expect(await readFile(join(path, 'finetuned.onnx'), 'utf8')).toBe('weights');
  });

  it.each(['changed', 'deleted'])(
    'are done again if a file was %s, and so is all that follows',
    async (how) => {
      const first = await start();
      await first.stage('finetune', ['finetuned.onnx'], work(first, 'weights'));
      await first.stage('report', ['report.json'], () => writeWhole(first.file('report.json'), '{}'));
      await stop();
      const file = join(path, 'finetuned.onnx');
      await (how === 'changed' ? writeFile(file, 'damaged') : rm(file));
      const warned: string[] = [];
      const second = await start(exampleRecipe(), { onWarning: (text: string) => warned.push(text) });
      expect(await second.stage('finetune', ['finetuned.onnx'], work(second, 'weights'))).toBe(true);
      expect(await second.stage('report', ['report.json'], async () => {})).toBe(true);
      expect(warned).toEqual([
        expect.stringMatching(how === 'changed' ? /^finetuned.onnx is not/ : /^finetuned.onnx is missing/),
      ]);
    },
  );

  it('are done again where the data beside a model are not what was written, as of models beyond 2 GiB', async () => {
    const weights = makeTensor('w', DataType.FLOAT, [4096], new Float32Array(4096).fill(0.5));
    const graph = makeGraph({ nodes: [], initializers: [weights], inputs: [], outputs: [] });
    const large = makeModel(graph, { opset: 17, irVersion: 8 });
    const warnings: string[] = [];
    const run = async () => {
      const folder = await start(exampleRecipe(), { onWarning: (text: string) => warnings.push(text) });
      const ran = await folder.stage('finetune', ['finetuned.onnx'], async () => {
        await writeModel(folder.file('finetuned.onnx'), large, { largest: 4096 });
      });
      await stop();
      return ran;
    };
    expect([await run(), await run()]).toEqual([true, false]);
    const data = join(path, 'finetuned.onnx.data');
    const bytes = await readFile(data);
    bytes[9]! ^= 1;
    await writeFile(data, bytes);
    expect(await run()).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('finetuned.onnx.data is not what was written')]);
    await rm(data);
    expect([await run(), await run()]).toEqual([true, false]);
  });

  it('leave notes, which a later start tells again, each once', async () => {
    const first = await start();
    await first.stage('finetune', ['finetuned.onnx'], async (note) => {
      note('worse than before');
      await writeWhole(first.file('finetuned.onnx'), 'weights');
    });
    await stop();
    const told: string[] = [];
    const second = await start(exampleRecipe(), { onNote: (text: string) => told.push(text) });
    second.note('read anew');
    await second.stage('finetune', ['finetuned.onnx'], work(second, 'never'));
    second.note('worse than before');
    expect(told).toEqual(['read anew', 'worse than before']);
    expect(second.notes).toEqual(told);
  });

  it('are done again if they failed', async () => {
    const first = await start();
    await expect(
      first.stage('finetune', ['finetuned.onnx'], async () => {
        throw new Error('full disk');
      }),
    ).rejects.toThrow('full disk');
    await stop();
    const second = await start();
    expect(await second.stage('finetune', ['finetuned.onnx'], work(second, 'weights'))).toBe(true);
  });
});
