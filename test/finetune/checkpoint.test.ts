import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { float32 } from '../../src/compile/index.js';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../src/finetune/checkpoint.js';
import { emptyHistory } from '../../src/finetune/history.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  recipe: 'abc',
  step: 12,
  history: { ...emptyHistory, running: { loss: 1 / 3 } },
  state: {
    'parameter/größe': float32([2, 2], Float32Array.of(1, -0, Number.MIN_VALUE, 1e-45)),
    'momentum/w': float32([], Float32Array.of(2)),
  },
  best: { w: float32([0], new Float32Array(0)) },
};
const file = () => join(folder, 'checkpoint.safetensors');

it('gives back what was saved, bit for bit', async () => {
  await saveCheckpoint(folder, checkpoint);
  expect(await loadCheckpoint(folder, 'abc', checkpoint)).toEqual(checkpoint);
});

it('keeps losses that are not finite, which JSON does not know', async () => {
  const start = { clean: { loss: Number.NaN }, noisy: { loss: Number.POSITIVE_INFINITY } };
  const history = { ...emptyHistory, start, running: { loss: Number.NEGATIVE_INFINITY } };
  await saveCheckpoint(folder, { ...checkpoint, history });
  expect((await loadCheckpoint(folder, 'abc', checkpoint))?.history).toEqual(history);
});

it('is a safetensors file', async () => {
  await saveCheckpoint(folder, checkpoint);
  const bytes = await readFile(file());
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  expect(length % 8).toBe(0);
  expect(header['state/momentum/w']).toEqual({ dtype: 'F32', shape: [], data_offsets: [16, 20] });
  expect(bytes.readFloatLE(8 + length + 16)).toBe(2);
});

it('is not there before the first one', async () => {
  expect(await loadCheckpoint(join(folder, 'none'), 'abc', checkpoint)).toBeUndefined();
});

it('ignores what a killed run left half written', async () => {
  await saveCheckpoint(folder, checkpoint);
  await writeFile(`${file()}.part`, 'half');
  expect((await loadCheckpoint(folder, 'abc', checkpoint))?.step).toBe(12);
  await saveCheckpoint(folder, { ...checkpoint, step: 13 });
  expect((await loadCheckpoint(folder, 'abc', checkpoint))?.step).toBe(13);
});

it('refuses the checkpoint of another recipe', async () => {
  await saveCheckpoint(folder, checkpoint);
  await expect(loadCheckpoint(folder, 'abd', checkpoint)).rejects.toMatchObject({ kind: 'usage' });
});

it('refuses the tensors of another run', async () => {
  await saveCheckpoint(folder, checkpoint);
  const { state, best } = checkpoint;
  const { 'momentum/w': momentum, ...rest } = state;
  const other = { ...rest, 'parameter/größe': float32([4], new Float32Array(4)), 'velocity/w': momentum! };
  await expect(loadCheckpoint(folder, 'abc', { state: other, best })).rejects.toMatchObject({
    kind: 'io',
    message: expect.stringMatching(
      /parameter\/größe.*\[2,2\].*\[4\][\s\S]*velocity\/w[\s\S]*momentum\/w[\s\S]*delete/,
    ),
  });
  await expect(loadCheckpoint(folder, 'abc', { state, best: { v: best.w! } })).rejects.toThrow(/best\/v/);
});

it('takes a run that has no best epoch yet', async () => {
  await saveCheckpoint(folder, { ...checkpoint, best: {} });
  expect((await loadCheckpoint(folder, 'abc', checkpoint))?.best).toEqual({});
});

it('refuses a damaged file', async () => {
  await saveCheckpoint(folder, checkpoint);
  const { length } = await readFile(file());
  for (const end of [length - 1, 40, 3]) {
    await truncate(file(), end);
    await expect(loadCheckpoint(folder, 'abc', checkpoint)).rejects.toMatchObject({ kind: 'io' });
  }
});
