/** The sound files that mutation starts from, in groups of which each is drawn equally often, whatever its size. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, shared, sharedModels } from '../../bench/machine.js';
import { operators } from '../../src/network/operators.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { examplesOf } from '../contracts/example.js';
import { oneNode } from '../contracts/oneNode.js';
import { bombs } from '../import/bombs.js';
import { special } from './special.js';

export interface Seed {
  readonly name: string;
  bytes(): Uint8Array;
}

/** Every operator that can be imported, in each of its examples: a new operator is mutated without a line here. */
const examples: Seed[] = operators.flatMap((operator) =>
  examplesOf(operator).map((example, i) => ({
    name: `example ${i} of ${operator.type}`,
    bytes: () => encodeModel(oneNode(operator, example).model),
  })),
);

const built: Seed[] = Object.entries({ ...special, ...bombs }).map(([name, model]) => ({
  name: `built: ${name}`,
  bytes: () => encodeModel(model),
}));

function filesBelow(folder: string): Seed[] {
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.onnx'))
    .sort()
    .map((path) => ({ name: path, bytes: () => readFileSync(join(folder, path)) }));
}

/** Folders that are absent have no seeds: the same seed of the run then makes other files. */
export const groups: readonly (readonly Seed[])[] = [
  examples,
  examples,
  built,
  filesBelow(join(shared, 'onnx-backend')),
  [...filesBelow(join(root, 'models')), ...filesBelow(sharedModels)],
].filter((group) => group.length > 0);
