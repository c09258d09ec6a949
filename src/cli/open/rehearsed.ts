/** The model of a command, run in a process apart before it is run here: the same file, by its digest. */
import { stat } from 'node:fs/promises';
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { problemsIn } from '../../errors.js';
import { extremeProblems } from '../../onnx/extremes.js';
import type { ModelFile } from '../../onnx/file.js';
import type { Model } from '../../onnx/model.js';
import { allowForBatch } from '../../runtime/book.js';
import { limitsFor } from '../../runtime/limits.js';
import { rehearse } from '../../verify/feed/rehearse.js';
import { type apartOptions, askedOf } from '../options/apart.js';
import type { OptionValues } from '../parse/option.js';
import type { Findings } from './findings.js';

export type RehearsedValues = OptionValues<typeof apartOptions> & {
  threads?: number | undefined;
  numerics?: 'exact' | 'deploy' | undefined;
  'batch-size'?: number | undefined;
};

/** A model that may be run here; undefined if there is none, or it would end this process: that is then among the `findings`. */
export async function rehearsed(
  findings: Findings,
  file: ModelFile | undefined,
  {
    values,
    dataset,
    normalizations,
    signal,
  }: {
    values: RehearsedValues;
    dataset: Dataset | undefined;
    /** Those under which the model will be run here. */
    normalizations?: readonly Normalization[];
    signal: AbortSignal;
  },
): Promise<ModelFile | undefined> {
  if (!file) return undefined;
  const { path, model, sha256 } = file;
  // Known to be fatal, and by which node: nothing need die for it.
  const extremes = extremeProblems(model);
  findings.add('model', problemsIn(path, extremes));
  if (extremes.length > 0) return undefined;
  const { threads, numerics, 'batch-size': batchSize } = values;
  return findings.from(async () => {
    const size = Math.max((await stat(path)).size, storedBytes(model));
    const limits = askedOf(values);
    allowForBatch(limitsFor(size, limits).seconds);
    await rehearse(path, {
      dataset,
      normalizations,
      size,
      sha256,
      model,
      threads,
      numerics,
      batchSize,
      limits,
      signal,
    });
    return file;
  });
}

function storedBytes({ graph }: Model): number {
  return graph.initializers.reduce((sum, { rawData }) => sum + (rawData?.byteLength ?? 0), 0);
}
