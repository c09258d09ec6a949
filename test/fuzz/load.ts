/** All that loading does with one file: `temper inspect`, and the import of a fine-tuning run. */
import { inspectCommand } from '../../src/cli/commands/inspect.js';
import { TemperError } from '../../src/errors.js';
import { importModel } from '../../src/import/importModel.js';
import { readModelFile } from '../../src/onnx/file.js';

export interface Outcome {
  readonly kind:
    | 'imported'
    | 'refused by import'
    | 'no readable model'
    | 'io error'
    | 'verified'
    | 'refused by verification'
    | 'ended the process apart'
    | 'WRONG ERROR';
  /** The first reason, or the stack of an error that is none of ours. */
  readonly reason: string;
}

const silent = { print() {} } as unknown as Parameters<typeof inspectCommand.run>[1];

export async function load(path: string): Promise<Outcome> {
  const inspected = await outcomeOf(() =>
    inspectCommand.run({ input: path, json: false, dim: undefined, digital: undefined }, silent),
  );
  if (inspected.kind === 'WRONG ERROR') return inspected;
  if (inspected.kind !== 'imported')
    return inspected.kind === 'io error' ? inspected : { ...inspected, kind: 'no readable model' };
  return outcomeOf(async () => importModel((await readModelFile(path)).model));
}

export async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work();
    return { kind: 'imported', reason: '' };
  } catch (error) {
    if (error instanceof TemperError && (error.kind === 'model' || error.kind === 'io'))
      return {
        kind: error.kind === 'io' ? 'io error' : 'refused by import',
        reason: error.problems[0]?.what.slice(0, 300) ?? '',
      };
    return { kind: 'WRONG ERROR', reason: error instanceof Error ? String(error.stack) : String(error) };
  }
}
