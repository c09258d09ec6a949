/** Before the judge opens a model from a file, the file is tried in a process apart: this one may be that of somebody's program. */
import type { Dataset } from '../../data/dataset.js';
import { TemperError } from '../../errors.js';
import { decodeModel } from '../../onnx/codec.js';
import { modelSize, throughFiles } from '../../onnx/mapped.js';
import type { Asked } from '../../runtime/limits.js';
import { type RehearseOptions, rehearse } from './rehearse.js';
import type { ModelSource } from './source.js';

export interface TriedAs
  extends Pick<
    RehearseOptions,
    'model' | 'normalizations' | 'numerics' | 'batchSize' | 'threads' | 'signal'
  > {
  /** true, false, or what the model may take there. Default: yes for a path or a file that was read, no for bytes. */
  rehearse?: boolean | Asked | undefined;
}

/**
 * Throws TemperError('model') for a model that would end this process, unless `rehearse` says otherwise (options.ts); 'io' for
 * another file than the one that was read.
 */
export async function tryApart(
  source: ModelSource,
  dataset: Dataset,
  { rehearse: asked = !(source instanceof Uint8Array), ...running }: TriedAs,
): Promise<void> {
  if (asked === false) return;
  const { model } = running;
  const options: RehearseOptions = {
    ...{ ...running, dataset },
    ...(model && { size: modelSize(model) }),
    ...(asked !== true && { limits: asked }),
  };
  if (source instanceof Uint8Array)
    return throughFiles(model ?? decodeModel(source), (path) => rehearse(path, options).catch(named(path)));
  if (typeof source === 'string') return rehearse(source, options);
  return rehearse(source.path, { ...options, model: source.model, sha256: source.sha256 });
}

/** What came as bytes has no path to be found under. */
function named(path: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof TemperError)) throw error;
    const problems = error.problems.map((problem) => ({
      ...problem,
      ...(problem.where && { where: problem.where.replace(path, 'the model') }),
    }));
    throw new TemperError(error.kind, problems, { cause: error });
  };
}
