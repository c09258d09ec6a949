/**
 * One judge: onnxruntime and the exported bytes. Scores the model as it stands and chip after chip, each as the plain ONNX
 * file of that chip would score. Everything it needs is plain data, so it works the same in any worker.
 */
import type { Normalization } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import { crossbarTensors } from '../../mapping/crossbar.js';
import type { Model } from '../../onnx/model.js';
import type { Weight } from '../chips/bakeWeights.js';
import { openChips } from '../chips/chips.js';
import { type ChipSampler, type CleanWeight, cleanWeights, type DeviceProgram } from '../chips/draws.js';
import { type Held, isGiant, modelOf, openBaked, openHeld } from '../chips/held.js';
import { type FedExamples, type FeedPlan, runExamples } from '../feed/feedPlan.js';
import type { FedModel } from '../model/provedBatch.js';
import { addClasses, addTargets, emptyScore, type Score } from '../statistics/scores.js';

export interface JudgeTask {
  /** As the file has it, or with its batch dimension reopened. */
  model: Held;
  feeds: FeedPlan;
  /** As the file has it, if that is another form: it decides what rounding could turn. */
  asFiled?: FedModel;
  /** Values that chips perturb, by name: what is on a crossbar and not digital. */
  crossbar: string[];
  data: FedExamples;
  normalization: Normalization;
  devices: DeviceProgram[];
  seed: number;
  /** The model whose weights noise is drawn on, if not its own; the same tensors. */
  noiseFrom?: Held;
  numerics: 'exact' | 'deploy';
  /** onnxruntime's threads inside one run. */
  threads: number;
}

type Drawn = () => AsyncIterable<Weight> | Iterable<Weight>;

/** What to judge: a chip of a device, or (without device) the model as it stands. */
export interface Trial {
  device?: number;
  chip: number;
}

/** A decision closer than this (relative to the largest output) is taken with the batch as filed. */
const undecidedMargin = 1e-4;

export class Judge {
  private readonly samplers = new Map<number, ChipSampler>();
  private readonly model: Model;
  private readonly modelAsFiled: Model | undefined;
  private readonly weights: CleanWeight[];
  private readonly drawnOn: CleanWeight[] | undefined;

  constructor(
    private readonly task: JudgeTask,
    private readonly stopped: () => boolean,
  ) {
    this.model = modelOf(task.model);
    this.modelAsFiled = task.asFiled && modelOf(task.asFiled.model);
    const chosen = new Set(task.crossbar);
    const weightsOf = (model: Model) =>
      cleanWeights(crossbarTensors(model).filter(({ name }) => chosen.has(name)));
    this.weights = weightsOf(this.model);
    this.drawnOn = task.noiseFrom && weightsOf(modelOf(task.noiseFrom));
  }

  async score(trial: Trial): Promise<Score> {
    const { targets, count } = this.task.data;
    const score = emptyScore(targets ? new Float64Array(count) : new Uint8Array(count));
    const all = Array.from({ length: count }, (_, i) => i);
    const weights = await this.weightsOf(trial);
    const undecided = await this.scoreExamples(
      this.task.model,
      this.model,
      weights,
      this.task.feeds,
      all,
      score,
    );
    if (undecided.length > 0) {
      const { model, feeds: feedPlan } = this.task.asFiled!;
      await this.scoreExamples(model, this.modelAsFiled!, weights, feedPlan, undecided, score);
    }
    return score;
  }

  async release(): Promise<void> {
    for (const sampler of this.samplers.values()) await sampler.release();
  }

  /** Those of a giant are drawn as they are written, and once more if they are needed again. */
  private async weightsOf({ device, chip }: Trial): Promise<Drawn | undefined> {
    if (device === undefined) return undefined;
    const { devices, seed, model } = this.task;
    const sampler =
      this.samplers.get(device) ?? openChips(devices[device]!, this.weights, seed, this.drawnOn);
    this.samplers.set(device, sampler);
    if (isGiant(model)) return () => sampler.inTurn(chip);
    const weights = await sampler.chip(chip);
    return () => weights;
  }

  /** Adds examples to the score; returns those too close to call in this form. */
  private async scoreExamples(
    held: Held,
    model: Model,
    weights: Drawn | undefined,
    feedPlan: FeedPlan,
    examples: readonly number[],
    score: Score,
  ): Promise<number[]> {
    const { data, asFiled, threads, numerics } = this.task;
    const options = { threads, numerics };
    const session = await (weights ? openBaked(held, model, weights(), options) : openHeld(held, options));
    const margin = asFiled && feedPlan !== asFiled.feeds ? undecidedMargin : 0;
    const undecided: number[] = [];
    try {
      for (let from = 0; from < examples.length; from += feedPlan.batch) {
        if (this.stopped()) throw new TemperError('interrupted', { what: 'verification was interrupted' });
        const indices = examples.slice(from, from + feedPlan.batch);
        const outputs = await runExamples(session, feedPlan, data, indices, this.task.normalization);
        const rows = scoreRows(score, outputs, feedPlan, data, indices, margin);
        for (const row of rows) undecided.push(indices[row]!);
      }
    } finally {
      await session.release();
    }
    return undecided;
  }
}

function scoreRows(
  score: Score,
  outputs: Float32Array,
  { valuesPerExample: values }: FeedPlan,
  { labels, targets }: FedExamples,
  indices: readonly number[],
  margin: number,
): number[] {
  if (!targets) {
    const batchLabels = indices.map((index) => labels[index]!);
    return addClasses(score, outputs, values, batchLabels, margin, indices);
  }
  const batchTargets = new Float32Array(indices.length * values);
  indices.forEach((index, row) => {
    batchTargets.set(targets.subarray(index * values, (index + 1) * values), row * values);
  });
  addTargets(score, outputs, values, batchTargets, indices);
  return [];
}
