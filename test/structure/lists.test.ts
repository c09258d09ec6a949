import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { kernels } from '../../src/compile/kernels/index.js';
import { readers } from '../../src/data/readers.js';
import { devices } from '../../src/devices/index.js';
import { methods } from '../../src/finetune/methods/index.js';
import { optimizers } from '../../src/finetune/optimizers/index.js';
import { passes } from '../../src/import/normalize/passes.js';
import { operators } from '../../src/network/operators.js';
import { neurons } from '../../src/neurons/index.js';
import { root, sources } from './sources.js';

/** What can be added, the function that declares one, the folder of the definitions, and the list they must be in. */
const kinds: [string, string, readonly object[]][] = [
  ['defineKernel', 'src/compile/kernels/', kernels],
  ['defineOperator', 'src/network/ops/', operators],
  ['definePass', 'src/import/normalize/', passes],
  ['defineDevice', 'src/devices/', devices],
  ['defineNeuron', 'src/neurons/', neurons],
  ['defineMethod', 'src/finetune/methods/', methods],
  ['defineOptimizer', 'src/finetune/optimizers/', optimizers],
  ['defineReader', 'src/data/readers/', readers],
  ['defineCommand', 'src/cli/commands/', commands],
];

describe.each(kinds)('%s in %s', (define, folder, list) => {
  const files = sources.filter(
    ({ path, text }) =>
      path.startsWith(folder) && text.includes(`${define}(`) && !text.includes(`export function ${define}`),
  );
  // The fields all members have tell a definition from anything else a module exports.
  const shared = Object.keys(list[0]!).filter((key) => list.every((member) => key in member));

  it('has members', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(list.length).toBeGreaterThanOrEqual(files.length);
  });

  it.each(files.map(({ path }) => path))('lists what %s defines', async (path) => {
    const exported: unknown[] = Object.values(await import(`${root}${path}`)).flat();
    const definitions = exported.filter(
      (value) => typeof value === 'object' && value !== null && shared.every((key) => key in value),
    );
    expect(definitions.length).toBeGreaterThan(0);
    const missing = definitions.filter((definition) => !list.includes(definition as object));
    expect(missing.map((definition) => (definition as { name?: string }).name)).toEqual([]);
  });

  it('has no name twice', () => {
    const names = list.map((member) => ('type' in member ? member.type : (member as { name: string }).name));
    expect(new Set(names).size).toBe(names.length);
  });
});
