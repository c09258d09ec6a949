/** What stands in the way of importing a model: everything, found before any work. */
import type { Problem } from '../errors.js';
import { inspectNetwork } from '../network/network.js';
import { probeNetwork } from '../network/probe.js';
import type { Model } from '../onnx/model.js';
import { opsetProblems } from './opsets.js';

/** Every problem of the model; empty if it can be imported. */
export function checkModel(model: Model): Problem[] {
  const outside = opsetProblems(model);
  if (outside.length > 0) return outside;
  const { network, plan, problems } = inspectNetwork(model);
  return problems.length > 0 ? problems : probeNetwork(network, plan).problems;
}
