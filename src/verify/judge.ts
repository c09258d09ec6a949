/**
 * One judge: onnxruntime and the exported bytes. Scores the model as it stands and chip after chip, each as the plain ONNX
 * file of that chip would score. Everything it needs is plain data, so it works the same in any worker.
 */
import type { Normalization } from '../data/normalize.js';
import { TemperError } from '../errors.js';
import { crossbarTensors } from '../mapping/crossbar.js';
import { decodeModel, encodeModel } from '../onnx/codec.js';
import type { Model } from '../onnx/model.js';
import { openSession } from '../runtime/session.js';
import { bakeWeights, type Weight } from './bakeWeights.js';
import { type ChipPrinter, cleanWeights, type DeviceProgram, openPrinter } from './draws.js';
import { type Examples, type Fitting, runExamples } from './fitting.js';
import { addClasses, addTargets, emptyScore, type Score } from './scores.js';

export interface JudgeTask {
  /** The model as judged: the file's bytes, or with its batch dimension reopened. */
  model: Uint8Array;
  fitting: Fitting;
  /** The file's own form if that is another one: it decides what rounding could turn. */
  own?: { model: Uint8Array; fitting: Fitting };
  data: Examples;
  normalization: Normalization;
  devices: DeviceProgram[];
  seed: number;
  numerics: 'exact' | 'deploy';
  /** onnxruntime's threads inside one run. */
  threads: number;
}

/** What to judge: a chip of a device, or (without device) the model as it stands. */
export interface Subject {
  device?: number;
  chip: number;
}

/** A decision closer than this (relative to the largest output) is taken in the file's own batch form. */
const closeMargin = 1e-4;

export class Judge {
  private readonly printers = new Map<number, ChipPrinter>();
  private readonly model: Model;
  private readonly ownModel: Model | undefined;
  private readonly weights: Weight[];

  constructor(
    private readonly task: JudgeTask,
    private readonly stopped: () => boolean,
  ) {
    this.model = decodeModel(task.model);
    this.ownModel = task.own && decodeModel(task.own.model);
    this.weights = cleanWeights(crossbarTensors(this.model));
  }

  async score(subject: Subject): Promise<Score> {
    const weights = await this.weightsOf(subject);
    const { targets, count } = this.task.data;
    const score = emptyScore(targets ? new Float64Array(count) : new Uint8Array(count));
    const all = Array.from({ length: count }, (_, i) => i);
    const close = await this.scoreExamples(
      this.task.model,
      this.model,
      weights,
      this.task.fitting,
      all,
      score,
    );
    if (close.length > 0) {
      const { model, fitting } = this.task.own!;
      await this.scoreExamples(model, this.ownModel!, weights, fitting, close, score);
    }
    return score;
  }

  async release(): Promise<void> {
    for (const printer of this.printers.values()) await printer.release();
  }

  private async weightsOf({ device, chip }: Subject): Promise<Weight[] | undefined> {
    if (device === undefined) return undefined;
    const printer =
      this.printers.get(device) ?? openPrinter(this.task.devices[device]!, this.weights, this.task.seed);
    this.printers.set(device, printer);
    return printer.chip(chip);
  }

  /** Adds examples to the score; returns those too close to call in this form. */
  private async scoreExamples(
    bytes: Uint8Array,
    model: Model,
    weights: Weight[] | undefined,
    fitting: Fitting,
    examples: readonly number[],
    score: Score,
  ): Promise<number[]> {
    const { data, numerics, threads, own } = this.task;
    const baked = weights ? encodeModel(bakeWeights(model, weights)) : bytes;
    const session = await openSession(baked, { threads, numerics });
    const margin = own && fitting !== own.fitting ? closeMargin : 0;
    const close: number[] = [];
    try {
      for (let from = 0; from < examples.length; from += fitting.batch) {
        if (this.stopped()) throw new TemperError('interrupted', { what: 'verification was interrupted' });
        const indices = examples.slice(from, from + fitting.batch);
        const outputs = await runExamples(session, fitting, data, indices, this.task.normalization);
        const rows = scoreRows(score, outputs, fitting, data, indices, margin);
        for (const row of rows) close.push(indices[row]!);
      }
    } finally {
      await session.release();
    }
    return close;
  }
}

function scoreRows(
  score: Score,
  outputs: Float32Array,
  { valuesPerExample: values }: Fitting,
  { labels, targets }: Examples,
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
