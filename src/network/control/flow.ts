/** What flows through a network: tensors, and what is known of them beyond their shapes. */
import type * as tf from '@tensorflow/tfjs';
import type { ValueInfo } from '../../onnx/model.js';
import type { Batch } from '../batch/apart.js';
import type { Own } from '../batch/counts.js';

export interface Flow {
  readonly tensor: tf.Tensor;
  /** ONNX's type (DataType): codes, say, are int8 there and float32 here. */
  readonly elementType: number;
  /** Whether it, or its shape, depends on the network's inputs. */
  readonly fromInput: boolean;
  /** Whether it depends on a parameter that was given, not read from the file. */
  readonly fromParameter?: boolean;
  /** Where the examples are in it; absent if it holds nothing of them. */
  readonly batch?: Batch | undefined;
  /** What it would be with the file's own batch, if that is something else though it holds no examples. */
  readonly own?: Own | undefined;
  /** Of integers: what the file's values lie in, which may be more than int32 holds (wideIntegers.ts). */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** Where that is more: the values in float32, computed when they are asked for. */
  readonly approximate?: (() => tf.Tensor) | undefined;
  /** Whether values beyond int32 were stored, and are kept as its ends; else their low bits are kept. */
  readonly stored?: boolean | undefined;
}

/** The graph inside of an If, a Loop or a Scan, ready to run. */
export interface Body {
  /** As the file declares them. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly string[];
  /** The value that an output only hands on, perhaps cast or in another shape; itself, if it is computed. */
  origin(output: string): string;
  /**
   * Takes the given number of runs from what the network may unroll; throws UnsupportedForm beyond `unrollLimit`.
   * To be called before that many calls of `run`.
   */
  reserve(runs: number): void;
  /** @param speculative whether it only counts if a condition, known when the network runs, holds */
  run(inputs: readonly Flow[], speculative?: boolean): Flow[];
}

/** Thrown where a body failed and the problem has been told already. */
export class AlreadyTold extends Error {}
