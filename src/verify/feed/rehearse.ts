/** Before a stranger's model is run in this process, it is run in one apart (rehearsal.ts), within limits. */
import { type Dataset, exampleSize } from '../../data/dataset.js';
import { type Normalization, unitScale } from '../../data/normalize.js';
import { nodeLabel } from '../../onnx/label.js';
import type { Model } from '../../onnx/model.js';
import { refuseReplaced } from '../../onnx/replaced.js';
import { type ApartTask, runApart } from '../../runtime/apart.js';
import { type Asked, limitsFor, surviving } from '../../runtime/limits.js';
import { sizeOf } from '../../runtime/proof.js';
import { moduleBeside } from '../../runtime/thread.js';
import { defaultBatch } from './feedPlan.js';
import type { Rehearsal, RehearsalEnd } from './rehearsal.js';

export interface RehearseOptions {
  /** Left out, the model is only opened. */
  dataset?: Dataset | undefined;
  /** How the examples will be scaled, here or in a probe: what a model does may follow its input. */
  normalizations?: readonly Normalization[] | undefined;
  /** Of the file that was read here (with its external data): another one under the same path is refused. */
  sha256?: string | undefined;
  /** Bytes of the model, external data included; left out, of the file and the one beside it called `….data`. */
  size?: number | undefined;
  /** To name the node over which onnxruntime crashes. */
  model?: Model | undefined;
  numerics?: 'exact' | 'deploy' | undefined;
  batchSize?: number | undefined;
  threads?: number | undefined;
  limits?: Asked | undefined;
  signal?: AbortSignal | undefined;
}

/** Sent to the process apart; more change nothing. */
const mostExamples = 256;

/**
 * Throws TemperError('model') for a model over which onnxruntime crashes, or takes more memory or time than allowed, 'io' for
 * another file than the one that was read here. What it refuses in words is for those who open it here to tell.
 */
export async function rehearse(path: string, options: RehearseOptions): Promise<void> {
  const { dataset, normalizations = [unitScale], numerics = 'exact', batchSize, threads } = options;
  const { sha256, limits, signal } = options;
  const size = options.size ?? (await sizeOf(path));
  const argument: Rehearsal = {
    ...{ path, sha256, numerics, batchSize, threads, normalizations },
    ...(dataset && { examples: firstOf(dataset, batchSize) }),
  };
  const order: RehearsalOrder = {
    module: moduleBeside(import.meta.url, 'rehearsal'),
    ...{ argument, limits: limitsFor(size, limits) },
  };
  const end = await surviving<RehearsalEnd>(order, path, { signal, place: () => fatalNode(order, options) });
  if (sha256 !== undefined && typeof end === 'object')
    refuseReplaced({ path, sha256 }, { path, sha256: end.replacedBy });
}

type RehearsalOrder = ApartTask & { argument: Rehearsal };

/** Up to this many nodes the one that crashes is looked for: ten processes, a fraction of a second each. */
const mostNodes = 1000;

/**
 * The node with which the first nodes of the graph crash, and without which they run; undefined if that cannot be told. Memory and
 * time are no such matter: they add up over nodes.
 */
async function fatalNode(
  order: RehearsalOrder,
  { model, signal }: RehearseOptions,
): Promise<string | undefined> {
  const nodes = model?.graph.nodes ?? [];
  if (nodes.length > mostNodes) return undefined;
  let [running, crashing] = [0, nodes.length];
  while (crashing - running > 1) {
    const first = (running + crashing) >> 1;
    const fate = await runApart<RehearsalEnd>(
      { ...order, argument: { ...order.argument, nodes: first } },
      signal,
    );
    if ('death' in fate) crashing = first;
    else if (fate.done === 'ran') running = first;
    else return undefined;
  }
  const node = nodes[running];
  return node && nodeLabel(node, running);
}

function firstOf(dataset: Dataset, batchSize: number | undefined) {
  const { shape, examples } = dataset;
  const count = Math.min(dataset.count, Math.max(mostExamples, batchSize ?? defaultBatch(shape)));
  return { shape, count, examples: examples.slice(0, count * exampleSize(shape)) };
}
