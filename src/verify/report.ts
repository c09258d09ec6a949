/** What a verification found: the content of report.json, plain data. Accuracies are fractions of 1. */
import type { Measure } from './measures.js';
import type { Statistics } from './statistics.js';
import type { Tolerance } from './tolerance.js';

/** Statistics over chips, beside the value of the unperturbed model. */
export interface Measured extends Statistics {
  clean: number;
  /** What the draws say of the share of all chips; absent for a single chip. */
  tolerance?: Tolerance;
}

export interface VerifyDraw {
  chip: number;
  /** Examples judged right; absent for data with targets. */
  correct?: number;
  accuracy?: number;
  /** Label among the five highest outputs; only for more than five classes. */
  top5?: number;
  /** Mean squared error; only for data with targets, and absent if it is no finite number. */
  mse?: number;
  /** Examples for which the chip put out something that is no number, if any. */
  notNumbers?: number;
}

/** What the device does to one stored tensor. */
export interface LayerNoise {
  tensor: string;
  nodes: readonly string[];
  opType: string;
  dims: readonly number[];
  absoluteMaximum: number;
  /** Root mean square over the tensor's weights of the device's declared standard deviation, in units of the weights. */
  std: number;
  /** `std` / `absoluteMaximum`: the effective sigma of the layer. */
  effectiveSigma: number;
  /** Root mean square deviation actually drawn, on the first chip. */
  sampledStd: number;
}

export interface VerifyRun {
  /** Canonical spec. */
  device: string;
  citation: string;
  notModelled: string[];
  /** Seconds since programming; null for a device that knows no time. */
  time: number | null;
  accuracy?: Measured;
  top5?: Measured;
  mse?: Measured;
  draws: VerifyDraw[];
  layers: LayerNoise[];
}

export interface ModelFacts {
  /** Absent if the model was given as bytes. */
  path?: string;
  /** Of the file as stored, lower-case hex. */
  sha256: string;
  input: { name: string; dims: (number | null)[] };
  output: { name: string; valuesPerExample: number };
}

export interface CleanScore {
  accuracy?: number;
  top5?: number;
  mse?: number;
  /** Counted as wrong because the label shares the highest output with another class. */
  ties: number;
  /** Examples with an output that is no number; they count as wrong. */
  notNumbers: number;
}

export type Difference = { measure: Measure } & Statistics;

/** The same chips drawn for another model; differences are `model` minus `against`, chip by chip. */
export interface Comparison {
  model: ModelFacts;
  clean: CleanScore;
  runs: { device: string; accuracy?: Measured; difference?: Difference; draws: VerifyDraw[] }[];
}

export interface VerifyReport {
  schema: 1;
  model: ModelFacts;
  data: {
    spec: string;
    split: string;
    /** Examples judged: the first ones of the split. */
    count: number;
    mean: number[];
    std: number[];
    files: { path: string; sha256: string }[];
  };
  seed: number;
  chips: number;
  /** `exact`: quantized operators computed as written; `deploy`: as onnxruntime fuses them by default. */
  numerics: 'exact' | 'deploy';
  /** Examples judged at once; whether the model takes only this many; whether the file's own, fixed batch was opened. */
  batch: { size: number; fixed: boolean; reopened: boolean };
  clean: CleanScore;
  runs: VerifyRun[];
  against?: Comparison;
  /** What a reader of the numbers should know. */
  notes: string[];
}
