import { expect, test } from 'vitest';
import { type Held, ModelHolder } from '../../../src/verify/chips/held.js';
import { chooseThreads, threadsFor } from '../../../src/verify/judge/threads.js';
import * as net from '../models.js';

test('however many threads there are, each run has one: more would change the last bits of outputs', () => {
  for (const threads of [undefined, 1, 2, 8, 64])
    for (const trials of [1, 3, 100]) {
      const chosen = chooseThreads(threads, trials, 10_000, [{ dims: [1000, 1000] }]);
      expect(chosen.threadsPerRun).toBe(1);
      expect(chosen.workers).toBeLessThanOrEqual(trials);
      if (threads) expect(chosen.workers).toBe(Math.min(threads, trials));
    }
});

test('workers hold the models anew, so there are as many as fit into memory, and one for a giant; that is told', () => {
  const mebi = 2 ** 20;
  const held = new Uint8Array(mebi);
  const chosen = (model: Held, memory: number) =>
    threadsFor([model], 8, 100, 10_000, [{ dims: [1000, 1000] }], memory);
  expect(chosen(held, 1000 * mebi)).toEqual({ workers: 8, threadsPerRun: 1 });
  expect(chosen(held, 40 * mebi)).toMatchObject({
    workers: 4,
    note: expect.stringContaining('4 chips at once, not 8'),
  });
  expect(chosen(held, 1).workers).toBe(1);
  const giant = new ModelHolder(1).hold(net.modelOf(), []);
  expect(chosen(giant, 1000 * mebi)).toMatchObject({
    workers: 1,
    note: expect.stringContaining('one chip at once'),
  });
});
