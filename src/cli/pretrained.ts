/** Opens the model a command trains or converts, and says everything that keeps it from being trained. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Problem } from '../errors.js';
import type { Network } from '../network/network.js';
import { buildNetwork, inspectNetwork } from '../network/network.js';
import { readModel } from '../onnx/file.js';
import type { Model } from '../onnx/model.js';

export interface Pretrained {
  path: string;
  sha256: string;
  model: Model;
  network: Network;
  notes: readonly string[];
}

export async function openPretrained(path: string): Promise<Pretrained> {
  const model = await readModel(path);
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { path, sha256, model, network: buildNetwork(model), notes: [] };
}

/** How many values the first output has for each example, if the file says so. */
export function outputClasses(model: Model): number | undefined {
  const shape = model.graph.outputs[0]?.tensorType?.shape?.slice(1);
  if (!shape || shape.some((extent) => typeof extent !== 'number')) return undefined;
  return (shape as number[]).reduce((product, extent) => product * extent, 1);
}

/** What keeps a model from being trained; empty if nothing does. */
export function trainingProblems(model: Model): Problem[] {
  return inspectNetwork(model).problems;
}
