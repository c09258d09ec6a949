import { expect, test } from 'vitest';
import { encodeModel } from '../../../src/onnx/codec.js';
import type { JudgeTask } from '../../../src/verify/judge/judge.js';
import { describeFailure, judgeAll } from '../../../src/verify/judge/pool.js';
import * as net from '../models.js';

const dataset = await net.datasetFor(net.modelOf(), 20);
const task: JudgeTask = {
  model: encodeModel(net.modelOf()),
  feeds: {
    input: 'x',
    exampleDims: [net.inputs],
    output: 'y',
    valuesPerExample: net.classes,
    batch: 8,
    fixed: false,
  },
  data: dataset,
  normalization: { mean: [0], std: [1] },
  crossbar: [],
  devices: [],
  seed: 0,
  numerics: 'exact',
  threads: 1,
};
const clean = { model: 0, chip: 0 };

test.each([1, 2])('scores come back in the order of the trials, with %i threads', async (workers) => {
  const half = { ...dataset, count: 10 };
  const tasks = [task, { ...task, data: half }];
  const scores = await judgeAll(tasks, [clean, { model: 1, chip: 0 }, clean], { workers });
  expect(scores.map(({ examples }) => examples)).toEqual([20, 10, 20]);
});

test.each([1, 2])('a refusal ends it and arrives as it was thrown, with %i threads', async (workers) => {
  const broken = { ...task, feeds: { ...task.feeds, output: 'nowhere' } };
  const running = judgeAll([task, broken], [clean, { model: 1, chip: 0 }, clean], { workers });
  await expect(running).rejects.toMatchObject({ name: 'TemperError', kind: 'usage' });
  await expect(running).rejects.toThrow(/"nowhere" is not an output/);
});

test('a signal that fired before the start leaves nothing to do', async () => {
  const running = judgeAll([task], [clean], { workers: 2, signal: AbortSignal.abort() });
  await expect(running).rejects.toMatchObject({ kind: 'interrupted' });
});

test('a bug in a worker is told with its stack', () => {
  expect(describeFailure(new RangeError('beyond')).stack).toMatch(/RangeError: beyond[^]*pool\.test/);
  expect(describeFailure('text')).toEqual({ stack: 'text' });
});

test.each([1, 2])('what the listener throws ends it, with %i threads', async (workers) => {
  const onScore = () => {
    throw new Error('nobody listens');
  };
  await expect(judgeAll([task], [clean, clean, clean], { workers, onScore })).rejects.toThrow(
    'nobody listens',
  );
});
