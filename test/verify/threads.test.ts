import { expect, test } from 'vitest';
import { chooseThreads } from '../../src/verify/threads.js';

test('however many threads there are, each run has one: more would change the last bits of outputs', () => {
  for (const threads of [undefined, 1, 2, 8, 64])
    for (const subjects of [1, 3, 100]) {
      const chosen = chooseThreads(threads, subjects, 10_000, [{ dims: [1000, 1000] }]);
      expect(chosen.threadsPerRun).toBe(1);
      expect(chosen.workers).toBeLessThanOrEqual(subjects);
      if (threads) expect(chosen.workers).toBe(Math.min(threads, subjects));
    }
});
