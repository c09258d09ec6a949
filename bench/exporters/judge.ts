/** What Temper makes of one file of an exporter, beside what onnxruntime does. */
import * as tf from '@tensorflow/tfjs';
import { compileFunction } from '../../src/compile/index.js';
import { TemperError } from '../../src/errors.js';
import { differentiate } from '../../src/finetune/step/gradients.js';
import { type Imported, importModel } from '../../src/import/importModel.js';
import type { Network } from '../../src/network/network.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { randomStream } from '../../src/random/stream.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import { openSession, type Session } from '../../src/runtime/session.js';
import { type Fed, fedFor, numbers, openExtents } from './feeds.js';

export interface Verdict {
  outcome:
    | 'imported exactly'
    | 'imported, onnxruntime refuses'
    | 'refused'
    | 'refused as by onnxruntime'
    | 'WRONG';
  /** Of a refusal or a failure; of an import, what a user is told. */
  reasons: string[];
  /** The largest difference as a share of the largest output. */
  error?: number;
}

/** What the exporter's module holds, in numbers. */
export interface Counts {
  weights?: number;
  recurrent?: number;
}

/** As a share of the largest output. In float16 onnxruntime itself rounds after every layer, by 4e-4 beside the same in float32. */
function toleranceOf({ graph }: Model): number {
  return graph.initializers.some(({ dataType }) => dataType === DataType.FLOAT16) ? 2e-3 : 1e-4;
}

/** onnxruntime opens the file, and then cannot run it. */
class NothingToCompare extends Error {}

export async function judgeFile(path: string, counts: Counts): Promise<Verdict> {
  const model = await readModel(path);
  const reference = await open(model);
  try {
    const imported = importModel(model, { dimensions: openExtents(model) });
    if (typeof reference === 'string')
      return { outcome: 'imported, onnxruntime refuses', reasons: [reference.split('\n')[0]!] };
    return await compare(imported, reference, counts);
  } catch (cause) {
    if (cause instanceof NothingToCompare)
      return { outcome: 'imported, onnxruntime refuses', reasons: [cause.message] };
    if (!(cause instanceof TemperError) || cause.kind !== 'model')
      return { outcome: 'WRONG', reasons: [`thrown: ${(cause as Error).stack}`] };
    const outcome = typeof reference === 'string' ? 'refused as by onnxruntime' : 'refused';
    const reasons = cause.problems.map(({ what, where, hint }) =>
      [what, where, hint].filter(Boolean).join(' | '),
    );
    return { outcome, reasons: [...new Set(reasons)] };
  } finally {
    if (typeof reference !== 'string') await reference.release();
  }
}

async function open(model: Model): Promise<Session | string> {
  try {
    return await openSession(encodeModel(model), { optimization: 'basic' });
  } catch (cause) {
    return (cause as Error).message;
  }
}

async function compare(
  { model, network, notes }: Imported,
  session: Session,
  counts: Counts,
): Promise<Verdict> {
  const fixed = network.inputs.find(({ fixedBatch }) => fixedBatch !== undefined)?.fixedBatch;
  const mixes = notes.some((note) => note.includes('does not begin with the batch'));
  const batches = fixed === undefined ? [3, 5] : mixes ? [fixed] : [fixed, 2 * fixed];
  const failures: string[] = [];
  let error = 0;
  for (const batch of batches) {
    const fed = fedFor(network, batch, fixed);
    const expected = await expectedOutputs(session, fed, network);
    const actual = await outputsOf(network, fed);
    for (const name of network.outputs) {
      if (expected[name]!.every((value) => value === 0))
        failures.push(`output "${name}" is all zero: it tests nothing`);
      const difference = largestError(actual[name]!, expected[name]!);
      error = Math.max(error, difference);
      if (!(difference <= toleranceOf(model)))
        failures.push(`output "${name}" of a batch of ${batch} differs by ${difference}`);
    }
  }
  failures.push(...misplaced(network, counts));
  failures.push(...(await withoutGradient(network, fedFor(network, batches[0]!, fixed))));
  return {
    outcome: failures.length > 0 ? 'WRONG' : 'imported exactly',
    reasons: [...failures, ...notes],
    error,
  };
}

/** onnxruntime's outputs for all examples, in parts of the file's own batch. */
async function expectedOutputs(
  session: Session,
  { parts }: Fed,
  { outputs }: Network,
): Promise<Record<string, number[]>> {
  const expected: Record<string, number[]> = Object.fromEntries(outputs.map((name) => [name, []]));
  for (const part of parts) {
    const result = await session.run(part).catch((cause: Error) => {
      throw new NothingToCompare(cause.message);
    });
    for (const name of outputs) for (const value of numbers(result[name]!)) expected[name]!.push(value);
  }
  return expected;
}

async function outputsOf(network: Network, { specs, whole }: Fed): Promise<Record<string, number[]>> {
  const compiled = await compileFunction(
    (given) =>
      network.forward(
        pick(network, given),
        pick({ parameters: new Map(specs.map((s) => [s.name, s])) }, given),
      ).outputs,
    specs,
    { parameters: parametersOf(network) },
  );
  const result = await compiled.run(whole);
  await compiled.release();
  return Object.fromEntries(Object.entries(result).map(([name, tensor]) => [name, numbers(tensor)]));
}

function pick(of: { parameters: ReadonlyMap<string, unknown> }, given: Record<string, tf.Tensor>) {
  return Object.fromEntries([...of.parameters.keys()].map((name) => [name, given[name]!]));
}

function parametersOf({ parameters }: Network): Record<string, HostTensor> {
  return Object.fromEntries(
    [...parameters.values()].map(({ name, shape, values }) => [name, float32(shape, values)]),
  );
}

function largestError(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = expected.reduce((most, value, i) => {
    const difference = Math.abs(value - actual[i]!);
    return difference > most || Number.isNaN(difference) ? difference : most;
  }, 0);
  return error === 0 ? 0 : error / size;
}

/** Whether training reaches every weight of the module, wherever it sits: an exporter may unroll a recurrent layer. */
function misplaced({ parameters }: Network, { weights = 0, recurrent = 0 }: Counts): string[] {
  if (weights + recurrent === 0) return [];
  const learned = [...parameters.values()].filter(
    ({ role, trainable }) => trainable && (role === 'weight' || role === 'unmapped'),
  );
  const found = learned.reduce((sum, { values }) => sum + values.length, 0);
  return found === weights + recurrent ? [] : [`${found} weights, the module has ${weights + recurrent}`];
}

/** The gradient of a random combination of the float outputs: whatever of it is absent, zero or not finite. */
async function withoutGradient(network: Network, { specs, whole }: Fed): Promise<string[]> {
  const trained = [...network.parameters.values()].filter(({ trainable }) => trainable);
  if (trained.length === 0) return [];
  const inputs = new Map(specs.map((spec) => [spec.name, spec]));
  const names: string[] = [];
  const step = (given: Record<string, tf.Tensor>) => {
    const at = pick({ parameters: new Map(trained.map((p) => [p.name, p])) }, given);
    const { gradients } = differentiate((weights) => {
      const { outputs } = network.forward(
        { ...pick(network, given), ...weights },
        pick({ parameters: inputs }, given),
      );
      const terms = Object.entries(outputs)
        .filter(([, y]) => y.dtype === 'float32')
        .map(([name, y]) =>
          tf.sum(tf.mul(y, tf.tensor(randomStream('loss', name).normals(y.size), y.shape))),
        );
      return { loss: tf.addN(terms) as tf.Scalar, counts: {}, statistics: {} };
    }, at);
    names.push(...Object.keys(gradients));
    return Object.fromEntries(
      Object.entries(gradients).map(([name, g]) => [`gradient of ${name}`, tf.max(tf.abs(g))]),
    );
  };
  const compiled = await compileFunction(step, specs, { parameters: parametersOf(network) });
  const result = await compiled.run(whole);
  await compiled.release();
  return trained.flatMap(({ name, role }) => {
    const size = names.includes(name) ? numbers(result[`gradient of ${name}`]!)[0]! : undefined;
    if (size !== undefined && Number.isFinite(size) && size > 0) return [];
    return [`the gradient of ${role} "${name}" is ${size ?? 'absent'}`];
  });
}
