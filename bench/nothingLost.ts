/**
 * Is anything lost between import and export? For every model in ../shared/models (TEMPER_MODELS):
 *   outputs  the imported network, compiled, against onnxruntime on the file: 100 pictures where there are any, else random
 *   file     ten training steps on noisy weights at learning rate 0, then float export: the file as it was
 * Models that are refused are listed with the reasons; onnxruntime must not be able to run them either.
 *
 *   npm run bench:nothing-lost [-- CIFAR10_DIR] [--check]        --check: only judge, write no result
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TemperError } from '../src/errors.js';
import {
  describeProblem,
  encodeModel,
  exportModel,
  importModel,
  type Model,
  readModel,
} from '../src/index.js';
import { shared, sharedModels, writeResult } from './machine.js';
import { type Examples, examplesFor } from './nothingLost/examples.js';
import { differences } from './nothingLost/sameFile.js';
import { largestError, sourceOutputs, sourceRuns } from './nothingLost/sameOutputs.js';
import { changedTensors, trainedInPlace } from './nothingLost/trainInPlace.js';

const tolerance = 1e-4;
const check = process.argv.includes('--check');
const [cifar10] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const folder = sharedModels;

interface Row {
  model: string;
  passed: boolean;
  [figure: string]: unknown;
}

async function judge(name: string): Promise<Row> {
  const path = join(folder, name);
  const model = await readModel(path);
  let imported: ReturnType<typeof importModel>;
  try {
    imported = importModel(model);
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    const runs = await sourceRuns(path);
    return {
      model: name,
      passed: !runs,
      refused: reasons(error),
      onnxruntimeRuns: runs,
    };
  }
  const examples = await examplesFor(name, imported.network, { shared, cifar10 });
  const outputs = await outputsOf(path, imported, examples);
  const file = await fileOf(path, imported, examples);
  const moved = !('changedAtRate' in file) || file.changedAtRate > 0;
  const passed = outputs.error < tolerance && file.differences.length === 0 && moved;
  return { model: name, passed, inputs: examples.source, outputs, file };
}

/** The problems; of those that differ only in the node, the first. */
function reasons({ problems }: TemperError): string[] {
  const kinds = new Map(problems.map((problem) => [problem.what, problem] as const).reverse());
  return [...kinds.values()].reverse().map((problem) => {
    const alike = problems.filter(({ what }) => what === problem.what).length;
    return `${describeProblem(problem).replaceAll(/\n\s*/g, '; ')}${alike > 1 ? ` (and ${alike - 1} more nodes)` : ''}`;
  });
}

async function outputsOf(path: string, { network }: ReturnType<typeof importModel>, examples: Examples) {
  const expected = await sourceOutputs(path, network, examples);
  const error = await largestError(network, examples, expected);
  return { error, ...(examples.real && { rightOf100: examples.right(expected[0]!) }) };
}

async function fileOf(path: string, imported: ReturnType<typeof importModel>, examples: Examples) {
  const trainable = [...imported.network.parameters.values()].filter((parameter) => parameter.trainable);
  const told = (bytes: Uint8Array) => ({
    initializers: imported.model.graph.initializers.length,
    differences: differences(readFileSync(path), bytes, dirname(path)),
  });
  // Weights that are stored as integers stay what they are: only the way out is left to be judged.
  if (trainable.length === 0) return { steps: 0, trainable: 0, ...told(exported(imported.model)) };
  const { steps, loss, model } = await trainedInPlace(imported, examples);
  // Proof that the steps could have changed something: at a learning rate above 0 they do.
  const changedAtRate = await changedTensors(imported, examples);
  return { steps, loss, trainable: trainable.length, changedAtRate, ...told(exported(model)) };
}

const exported = (model: Model) => encodeModel(exportModel(model).model);

const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.onnx'),
);
if (names.length === 0)
  throw new Error(`there are no models in ${folder}; TEMPER_MODELS names another folder`);
const rows: Row[] = [];
for (const name of names.sort()) {
  const began = performance.now();
  const row = await judge(name).catch(
    (error: Error): Row => ({ model: name, passed: false, error: error.message }),
  );
  rows.push(row);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const { model, passed, ...figures } = row;
  process.stdout.write(
    `${passed ? 'ok    ' : 'FAILED'} ${model} (${seconds} s) ${JSON.stringify(figures)}\n`,
  );
}
const failed = rows.filter(({ passed }) => !passed).length;
process.stdout.write(`${rows.length - failed} of ${rows.length} models as they should be\n`);
if (!check) {
  writeResult('nothing-lost', `npm run bench:nothing-lost${cifar10 ? ' -- CIFAR10_DIR' : ''}`, {
    tolerance,
    rows,
  });
}
if (failed > 0) process.exitCode = 1;
