/** File number `index` of a run: a sound file, damaged. The same seed and number, the same file. */
import { decodeModel, encodeModel } from '../../src/onnx/codec.js';
import type { Model } from '../../src/onnx/model.js';
import { Draw } from './draw.js';
import { byteMutations } from './mutations/bytes.js';
import { modelMutations } from './mutations/structure.js';
import { groups } from './seeds.js';

export interface Mutant {
  /** What was done to which file. */
  readonly told: string;
  readonly bytes: Uint8Array;
}

const largest = 2 ** 23;

/** Whose names do not contain `only` are left out. */
export function mutant(seed: number, index: number, only = ''): Mutant {
  const draw = new Draw(seed, index);
  const anyFile = () => draw.pick(draw.pick(groups));
  const start = anyFile();
  const structured = named(modelMutations, only);
  const raw = named(byteMutations, only);
  const steps: string[] = [];
  let bytes = start.bytes();
  const asModel = raw.length === 0 || (structured.length > 0 && draw.chance(0.7));
  if (asModel) {
    const model = decodeModel(Uint8Array.from(bytes));
    for (let i = draw.pick([1, 1, 1, 2, 3]); i > 0; i--) {
      const [name, change] = draw.pick(structured);
      change(model, draw);
      steps.push(name);
    }
    bytes = written(model) ?? bytes;
  }
  if (!asModel || draw.chance(0.1 * Math.min(1, raw.length))) {
    const [name, change] = draw.pick(raw);
    if (bytes.length > 0) bytes = change(bytes, draw, () => anyFile().bytes());
    steps.push(name);
  }
  // Time and memory may grow with the file: what one that is large itself takes is not asked here.
  if (bytes.length > largest) bytes = bytes.subarray(0, largest);
  return { told: `${start.name}: ${steps.join(', ')}`, bytes };
}

/** undefined for what protobuf cannot say, e.g. bodies nested too deep by two mutations. */
function written(model: Model): Uint8Array | undefined {
  try {
    return encodeModel(model);
  } catch {
    return undefined;
  }
}

function named<T>(mutations: Readonly<Record<string, T>>, only: string): [string, T][] {
  return Object.entries(mutations).filter(([name]) => name.includes(only));
}
