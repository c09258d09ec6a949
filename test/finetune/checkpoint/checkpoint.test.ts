import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { float32 } from '../../../src/compile/index.js';
import {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
} from '../../../src/finetune/checkpoint/checkpoint.js';
import { emptyHistory, type History } from '../../../src/finetune/history/history.js';
import { noClip } from '../../../src/finetune/step/clips.js';
import { randomStream } from '../../../src/random/stream.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const record = { epoch: 1, step: 10, learningRate: 0.1, strength: 1, train: { loss: 2 } };
const choice = { clip: noClip, alone: noClip, learningRate: 0.1, steps: 0, examples: 0, tried: [] };
const checkpoint: Checkpoint & { steps: number } = {
  recipe: 'abc',
  step: 12,
  steps: 20,
  history: { ...emptyHistory, choice, running: { loss: 1 / 3 }, records: [record], best: 0 },
  state: {
    'parameter/größe': float32([2, 2], Float32Array.of(1, -0, Number.MIN_VALUE, 1e-45)),
    'momentum/w': float32([], Float32Array.of(2)),
  },
  best: { w: float32([0], new Float32Array(0)) },
};
const { steps: _, ...content } = checkpoint;
const file = () => join(folder, 'checkpoint.safetensors');
const earlier = () => join(folder, 'previous.safetensors');
const load = (run = checkpoint, tell?: (text: string) => void) => loadCheckpoint(folder, 'abc', run, tell);

it('gives back what was saved, bit for bit', async () => {
  await saveCheckpoint(folder, checkpoint);
  expect(await load()).toEqual(content);
});

it('is the same file, byte for byte, when what was read is saved again', async () => {
  await saveCheckpoint(folder, checkpoint);
  const before = await readFile(file());
  await saveCheckpoint(folder, (await load())!);
  expect((await readFile(file())).equals(before)).toBe(true);
});

it('keeps losses that are not finite, which JSON does not know', async () => {
  const start = { clean: { loss: Number.NaN }, noisy: { loss: Number.POSITIVE_INFINITY } };
  const history = { ...checkpoint.history, start, running: { loss: Number.NEGATIVE_INFINITY } };
  await saveCheckpoint(folder, { ...checkpoint, history });
  expect((await load())?.history).toEqual(history);
});

it('keeps what a later version adds to a history', async () => {
  const history = { ...checkpoint.history, later: { a: 1 } } as History;
  await saveCheckpoint(folder, { ...checkpoint, history });
  expect((await load())?.history).toEqual(history);
});

it('is a safetensors file that ends in the SHA-256 of all before', async () => {
  await saveCheckpoint(folder, checkpoint);
  const bytes = await readFile(file());
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  expect(length % 8).toBe(0);
  expect(header['state/momentum/w']).toEqual({ dtype: 'F32', shape: [], data_offsets: [16, 20] });
  expect(bytes.readFloatLE(8 + length + 16)).toBe(2);
  // The format wants every byte of the values to belong to a tensor.
  expect(header.sha256).toEqual({ dtype: 'U8', shape: [32], data_offsets: [20, 52] });
  expect(bytes.length).toBe(8 + length + 52);
  const digest = createHash('sha256').update(bytes.subarray(0, -32)).digest();
  expect(bytes.subarray(-32).equals(digest)).toBe(true);
});

it('is not there before the first one', async () => {
  expect(await loadCheckpoint(join(folder, 'none'), 'abc', checkpoint)).toBeUndefined();
});

it('ignores what a killed run left half written', async () => {
  await saveCheckpoint(folder, checkpoint);
  await writeFile(`${file()}.part`, 'half');
  expect((await load())?.step).toBe(12);
  await saveCheckpoint(folder, { ...checkpoint, step: 13 });
  expect((await load())?.step).toBe(13);
});

it('refuses the checkpoint of another recipe', async () => {
  await saveCheckpoint(folder, checkpoint);
  await expect(loadCheckpoint(folder, 'abd', checkpoint)).rejects.toMatchObject({ kind: 'usage' });
});

it('refuses the tensors of another run', async () => {
  await saveCheckpoint(folder, checkpoint);
  const { 'momentum/w': momentum, ...rest } = checkpoint.state;
  const other = { ...rest, 'parameter/größe': float32([4], new Float32Array(4)), 'velocity/w': momentum! };
  await expect(load({ ...checkpoint, state: other })).rejects.toMatchObject({
    kind: 'io',
    message: expect.stringMatching(
      /parameter\/größe.*\[2,2\].*\[4\][\s\S]*velocity\/w[\s\S]*momentum\/w[\s\S]*delete/,
    ),
  });
  await expect(load({ ...checkpoint, best: { v: checkpoint.best.w! } })).rejects.toThrow(/best\/v/);
});

it('takes a run that has no best epoch yet', async () => {
  const { best: _, ...history } = checkpoint.history;
  await saveCheckpoint(folder, { ...checkpoint, history: { ...history, records: [] }, best: {} });
  expect((await load())?.best).toEqual({});
});

it('refuses a file that is cut off or longer, and one with any bit turned', async () => {
  await saveCheckpoint(folder, checkpoint);
  const whole = await readFile(file());
  const damaged = [
    ...[whole.length - 1, whole.length - 32, 40, 3, 0].map((end) => whole.subarray(0, end)),
    Buffer.concat([whole, Buffer.alloc(1)]),
    ...Array.from(randomStream('turned bits').integers(64, 8 * whole.length), (bit) => {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes;
    }),
  ];
  for (const bytes of damaged) {
    await writeFile(file(), bytes);
    await expect(load()).rejects.toMatchObject({ kind: 'io', message: expect.stringContaining('delete') });
  }
});

it('goes on from the checkpoint before one that is damaged or missing, says so, and keeps it', async () => {
  for (const [how, told] of [
    [() => truncate(file(), 100), /damaged.*at step 12/s],
    [() => rm(file()), /missing.*at step 12/s],
  ] as const) {
    await saveCheckpoint(folder, checkpoint);
    await saveCheckpoint(folder, { ...checkpoint, step: 13 });
    await how();
    const said: string[] = [];
    const tell = (text: string) => void said.push(text);
    expect((await load(checkpoint, tell))?.step).toBe(12);
    expect(said).toEqual([expect.stringMatching(told)]);
    // It now is the last one: what is saved next must not take a damaged one for the one before.
    expect(await readdir(folder)).toEqual(['checkpoint.safetensors']);
    expect((await load(checkpoint, tell))?.step).toBe(12);
    expect(said).toHaveLength(1);
  }
});

it('refuses two damaged ones, and the one before if it is of another recipe', async () => {
  await saveCheckpoint(folder, { ...checkpoint, recipe: 'other' });
  await saveCheckpoint(folder, checkpoint);
  await truncate(file(), 50);
  await expect(load()).rejects.toMatchObject({ kind: 'usage' });
  await copyFile(file(), earlier());
  await expect(load()).rejects.toMatchObject({ kind: 'io' });
});

const { choice: __, ...chosenNothing } = checkpoint.history;
it.each<[string, Partial<Checkpoint>]>([
  ['a step beyond the end', { step: 21 }],
  ['a step that is none', { step: Number.NaN }],
  ['a step before the first', { step: -5 }],
  ['epochs after the last step', { step: 9 }],
  ['no parameters of the best epoch', { best: {} }],
  ['no epoch that is the best', { history: { ...checkpoint.history, best: 3 } }],
  ['steps without a choice', { history: chosenNothing }],
  ['an empty history', { history: {} as History }],
  ['a loss in words', { history: { ...checkpoint.history, running: { loss: 'low' } } as unknown as History }],
])('refuses a whole file that tells of no run: %s', async (_, changed) => {
  await saveCheckpoint(folder, { ...checkpoint, ...changed });
  await expect(load()).rejects.toMatchObject({ kind: 'io' });
});

it('says of a checkpoint without a digest that another version wrote it', async () => {
  const header = JSON.stringify({ __metadata__: { version: '1', recipe: 'abc', step: '1', history: '{}' } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(file(), Buffer.concat([length, Buffer.from(header)]));
  await expect(load()).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('version') });
});
