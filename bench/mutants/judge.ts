/** What `temper verify` does with a mutant, from the file to the scores of two chips. */
import { statSync } from 'node:fs';
import { exampleShapeOf } from '../../src/cli/open/modelInput.js';
import { outputClasses } from '../../src/cli/open/pretrained.js';
import type { Dataset } from '../../src/data/dataset.js';
import { unitScale } from '../../src/data/normalize.js';
import { usualScalings } from '../../src/data/scalings.js';
import { TemperError } from '../../src/errors.js';
import { readModel } from '../../src/onnx/file.js';
import { rehearse } from '../../src/verify/feed/rehearse.js';
import { probeScalings } from '../../src/verify/model/probeScalings.js';
import { verify } from '../../src/verify/verify.js';
import { type Outcome, outcomeOf } from '../../test/fuzz/load.js';
import { apartLimits } from './limits.js';

const count = 12;
/** Examples of more values are not made: what declares them is given smaller ones, and refused. */
const largest = 2 ** 18;

/** As the file wants them, where it says so. */
async function examplesFor(path: string): Promise<Dataset> {
  const model = await readModel(path);
  const declared = exampleShapeOf(model)?.map((extent) => extent ?? 4) ?? [4];
  const sizeOf = (shape: number[]) => shape.reduce((product, extent) => product * extent, 1);
  const shape = sizeOf(declared) > largest ? [4] : declared;
  const size = sizeOf(shape);
  const classes = Math.min(outputClasses(model) ?? 2, 1000);
  return {
    ...{ spec: 'made', split: 'test', classes, classesInferred: true, files: [], shape, count },
    examples: Float32Array.from({ length: count * size }, (_, i) => Math.sin(i)),
    labels: Int32Array.from({ length: count }, (_, i) => i % Math.max(1, classes)),
  };
}

/** The process apart may die of it; this one may not. */
export async function judge(path: string): Promise<Outcome> {
  const outcome = await outcomeOf(async () => {
    const dataset = await examplesFor(path);
    const candidates = usualScalings(dataset);
    const normalizations = candidates.map(({ normalization }) => normalization);
    const trying = { size: statSync(path).size, threads: 1, limits: apartLimits };
    await rehearse(path, { dataset, normalizations, ...trying });
    await probeScalings(path, dataset, { candidates, threads: 1, rehearse: false });
    const options = {
      rehearse: false,
      dataset,
      normalization: unitScale,
      devices: ['gaussian:0.1'],
      draws: 2,
      threads: 1,
    };
    await verify({ model: path, ...options }).catch((error: unknown) => {
      // The data may not be what a damaged file wants.
      if (error instanceof TemperError && error.kind === 'usage')
        throw new TemperError('model', error.problems);
      throw error;
    });
  });
  if (outcome.kind === 'imported') return { ...outcome, kind: 'verified' };
  if (outcome.kind !== 'refused by import') return outcome;
  const died = /process in which the model was tried|onnxruntime takes more than/.test(outcome.reason);
  return { ...outcome, kind: died ? 'ended the process apart' : 'refused by verification' };
}
