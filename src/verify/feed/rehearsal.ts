/**
 * What the process apart does with a stranger's model: it is opened as the judge opens it, and run on one batch of examples as
 * the judge runs them, under every scaling that will be tried here. What comes out is of no interest; whether it comes is.
 */
import { exampleSize } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import { encodeModel } from '../../onnx/codec.js';
import { densified } from '../../onnx/densify.js';
import { readModelFile } from '../../onnx/file.js';
import { largestBuffer, modelSize, throughFiles } from '../../onnx/mapped.js';
import type { Graph, Model } from '../../onnx/model.js';
import { openSession, type Session, type SessionOptions } from '../../runtime/session.js';
import { type FedExamples, fitTo, runExamples } from './feedPlan.js';

export interface Rehearsal {
  path: string;
  /** Of the file that is meant. */
  sha256?: string | undefined;
  numerics: 'exact' | 'deploy';
  threads?: number | undefined;
  batchSize?: number | undefined;
  /** As many as a batch takes. */
  examples?: Pick<FedExamples, 'examples' | 'shape' | 'count'>;
  /** The batch is run under each. */
  normalizations: readonly Normalization[];
  /** Only so many nodes of the graph, the first ones. */
  nodes?: number;
}

/** opened: there was nothing that could be fed; replacedBy: the digest of a file that is not the one that is meant. */
export type RehearsalEnd = 'ran' | 'opened' | 'refused' | { readonly replacedBy: string };

type TellDoing = (what: string) => void;

/** What is refused in words is for those who open the model in their own process to tell. */
export async function work(rehearsal: Rehearsal, doing: TellDoing): Promise<RehearsalEnd> {
  try {
    return await openAndRun(rehearsal, doing);
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    return 'refused';
  }
}

async function openAndRun(
  { path, sha256, numerics, threads, batchSize, examples, normalizations, nodes }: Rehearsal,
  doing: TellDoing,
): Promise<RehearsalEnd> {
  doing('read');
  const file = await readModelFile(path);
  if (sha256 !== undefined && file.sha256 !== sha256) return { replacedBy: file.sha256 };
  const whole = densified(file.model);
  doing('opened');
  const session = await open(path, whole, nodes, { numerics, ...(threads !== undefined && { threads }) });
  try {
    const [input] = session.inputs;
    const [output] = session.outputs;
    if (!examples || session.inputNames.length !== 1 || input?.type !== 'float32' || !output) return 'opened';
    const feedPlan = { ...fitTo(input, examples, batchSize), output: output.name, valuesPerExample: 0 };
    if (exampleSize(feedPlan.exampleDims) !== exampleSize(examples.shape)) return 'opened';
    const count = Math.min(feedPlan.batch, examples.count);
    const run = (first: number, normalization: Normalization) => {
      doing(`run on ${feedPlan.fixed ? feedPlan.batch : first} examples`);
      const indices = Array.from({ length: first }, (_, i) => i);
      return runExamples(session, feedPlan, examples, indices, normalization);
    };
    let isRefused = false;
    for (const normalization of normalizations)
      if (!(await runsWhole((part) => run(part, normalization), count, feedPlan.fixed))) isRefused = true;
    return isRefused ? 'refused' : 'ran';
  } finally {
    await session.release();
  }
}

/**
 * Whether onnxruntime runs a batch. One for which it finds no memory it refuses in words, and then runs a part of it, as a probe or
 * the last batch of a judge may be: that too must be tried here.
 */
async function runsWhole(
  run: (count: number) => Promise<unknown>,
  count: number,
  fixed: boolean,
): Promise<boolean> {
  const runs = (part: number) =>
    run(part).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof TemperError)) throw error;
        return false;
      },
    );
  const whole = await runs(count);
  for (let part = count >> 1; !whole && !fixed && part > 0; part >>= 1) await runs(part);
  return whole;
}

/** From its bytes as the judge makes them; where they are too many for one buffer, through files. */
async function open(
  path: string,
  whole: Model,
  nodes: number | undefined,
  options: SessionOptions,
): Promise<Session> {
  const model = nodes === undefined ? whole : { ...whole, graph: firstNodes(whole.graph, nodes) };
  if (modelSize(model) <= largestBuffer) return openSession(encodeModel(model), options);
  if (nodes === undefined) return openSession(path, options);
  return throughFiles(model, (file) => openSession(file, options));
}

/** What they make and do not use themselves is put out, so that all of them are computed. */
function firstNodes(graph: Graph, count: number): Graph {
  const nodes = graph.nodes.slice(0, count);
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const made = nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '' && !used.has(name));
  return { ...graph, nodes, outputs: made.map((name) => ({ name })) };
}
