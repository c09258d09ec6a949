/** The list of operators is complete. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { operators } from '../../src/network/operators.js';

const folder = resolve(import.meta.dirname, '../../src/network/ops');

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

it.each(files)('every operator of ops/%s is listed', async (file) => {
  const exported: object[] = Object.values(await import(resolve(folder, file)));
  // Files also export what several operators share.
  for (const operator of exported.filter(
    (value) => typeof value === 'object' && 'type' in value && 'evaluate' in value,
  ))
    expect(operators).toContain(operator);
});

it('lists each operator once, with rising versions', () => {
  const types = operators.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  for (const { type, since } of operators) {
    expect(since, type).toEqual([...since].sort((a, b) => a - b));
  }
});
