/** What a verification found: the content of report.json, plain data. Accuracies are fractions of 1. */
import type { Harmless } from '../../mapping/classify.js';
import type { LayerNoise } from '../chips/layers.js';
import type { ModelFacts } from '../model/openModel.js';
import type { Measure } from '../statistics/measures.js';
import type { Statistics } from '../statistics/statistics.js';
import type { Tolerance } from '../statistics/tolerance.js';

/** Statistics over chips, beside the value of the unperturbed model. */
export interface ChipStatistics extends Statistics {
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

export interface VerifyRun {
  /** Canonical spec. */
  device: string;
  /** What the noise is on, and relative to. */
  noiseOn: string;
  citation: string;
  notModelled: string[];
  /** Noise that was measured on hardware, on the scale of the device. */
  landmarks?: { level: number; what: string }[];
  /** Seconds since programming; null for a device that knows no time. */
  time: number | null;
  /** The model whose weights the deviations were drawn on, if not its own. */
  noiseFrom?: string;
  accuracy?: ChipStatistics;
  top5?: ChipStatistics;
  mse?: ChipStatistics;
  draws: VerifyDraw[];
  layers: LayerNoise[];
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
  runs: {
    device: string;
    noiseFrom?: string;
    accuracy?: ChipStatistics;
    difference?: Difference;
    draws: VerifyDraw[];
  }[];
}

export interface VerifyReport {
  schema: 1;
  model: ModelFacts;
  data: {
    spec: string;
    split: string;
    /** Examples judged: all of the split, unless `sampled`. */
    count: number;
    /** How many there were, and the seed of the sample in which every class keeps its share. */
    sampled?: { of: number; seed: number };
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
  /** Every stored value of the model that no chip disturbs, and why it needs no noise. */
  harmless: readonly Harmless[];
  against?: Comparison;
  noiseFrom?: { path?: string; sha256: string };
  /** What a reader of the numbers should know. */
  notes: string[];
}
