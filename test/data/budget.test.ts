/** What is spent at the same time stays within the budget, and everything gets its turn. */
import { expect, it } from 'vitest';
import { createBudget } from '../../src/data/budget.js';

it('never spends more than there is, and lets what is larger run alone', async () => {
  const budget = createBudget(10);
  const sizes = [4, 4, 4, 25, 1, 9, 2, 2, 10, 3];
  const running: number[] = [];
  const order: number[] = [];
  await Promise.all(
    sizes.map((size, i) =>
      budget.spend(size, async () => {
        running.push(size);
        order.push(i);
        const spent = running.reduce((a, b) => a + b, 0);
        expect(spent <= 10 || running.length === 1, `${running}`).toBe(true);
        await new Promise((resume) => setTimeout(resume, 1));
        running.splice(running.indexOf(size), 1);
      }),
    ),
  );
  expect(order).toEqual(sizes.map((_, i) => i));
});

it('is given back by work that fails', async () => {
  const budget = createBudget(1);
  await expect(budget.spend(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await budget.spend(1, async () => 'yes')).toBe('yes');
});
