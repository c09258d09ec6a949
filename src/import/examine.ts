/** A model looked at as far as it can be: what the network would be, what stands in the way, what the passes do. */
import type { Problem } from '../errors.js';
import { brokenValues } from '../mapping/brokenValues.js';
import { inspectNetwork, type Network } from '../network/network.js';
import type { Plan } from '../network/plan.js';
import { probeNetwork } from '../network/probe.js';
import { extremeProblems } from '../onnx/extremes.js';
import type { Model } from '../onnx/model.js';
import { type Dimensions, withDimensions } from './dimensions.js';
import type { PassReport } from './normalize/pass.js';
import { reportPasses } from './normalize/passes.js';
import { opsetProblems } from './opsets.js';

export interface ExamineOptions {
  /** By symbol, or `INPUT:AXIS` for an extent without one. */
  readonly dimensions?: Dimensions;
}

export interface Examination {
  /** Not to be run if there are problems. */
  readonly network: Network;
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  /** What was read differently from how it is written. */
  readonly notes: readonly string[];
  /** Computed when it is asked for. */
  normalization(): PassReport[];
}

/** @param dimensions values for extents that the file leaves open; throws TemperError('usage') for names that it does not have */
export function examine(file: Model, { dimensions = new Map() }: ExamineOptions = {}): Examination {
  const model = withDimensions(file, dimensions);
  const { network, plan, inlined, problems: found } = inspectNetwork(model);
  const outside = [...opsetProblems(model), ...extremeProblems(model)];
  if (outside.length > 0 || found.length > 0) {
    const problems = outside.length > 0 ? outside : found;
    return {
      network,
      plan,
      problems,
      notes: [],
      normalization: () => reportPasses({ inlined, plan, problems }),
    };
  }
  const { problems: shaped, notes: read, traced } = probeNetwork(network, plan);
  const frozen = network.frozenOnly.map(({ what }) => `${what}: --batch-norm frozen trains it`);
  const notes = [...read, ...frozen];
  const problems = [...brokenValues(model), ...shaped];
  const normalization = () => reportPasses({ inlined, plan, problems, traced });
  return { network, plan, problems, notes, normalization };
}
