/** A model looked at as far as it can be: what the network would be, what stands in the way, what the passes do. */
import type { Problem } from '../errors.js';
import { brokenValues } from '../mapping/brokenValues.js';
import { type Arrangement, arrange, choosesDigital, digitalNotes } from '../mapping/digital.js';
import { inspectNetwork, keptDigital, type Network } from '../network/network.js';
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
  /** Layers that stay on digital hardware: names or patterns (src/mapping/digital.ts); left out, what the file says. */
  readonly digital?: readonly string[] | undefined;
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

/**
 * @param options throws TemperError('usage') for dimensions and layers that the file does not have
 */
export function examine(file: Model, { dimensions = new Map(), digital }: ExamineOptions = {}): Examination {
  const model = withDimensions(file, dimensions);
  const { network: whole, plan, inlined, problems: found } = inspectNetwork(model);
  const arrangement = choosesDigital(file, digital) ? arrange(file, digital) : undefined;
  const network = arrangement ? keptDigital(whole, [...arrangement.spared, ...named(arrangement)]) : whole;
  const broken = brokenValues(model);
  const outside = [...opsetProblems(model), ...extremeProblems(model)];
  if (broken.length > 0 || outside.length > 0 || found.length > 0) {
    const problems = [...broken, ...(outside.length > 0 ? outside : found)];
    return {
      network,
      plan,
      problems,
      notes: [],
      normalization: () => reportPasses({ inlined, plan, problems }),
    };
  }
  const { problems, notes: read, traced } = probeNetwork(network, plan);
  const frozen = network.frozenOnly.map(({ what }) => `${what}: --batch-norm frozen trains it`);
  const notes = [...read, ...frozen];
  const normalization = () => reportPasses({ inlined, plan, problems, traced });
  const kept = arrangement ? digitalNotes(arrangement) : [];
  return { network, plan, problems, notes: [...notes, ...kept], normalization };
}

/** Also the tensors that digital weights are computed from. */
function named({ digital }: Arrangement): { name: string }[] {
  return digital.flatMap(({ tensors }) => tensors.map((name) => ({ name })));
}
