/**
 * What a device is to Temper: what programming a weight tensor into it does to the weights, as one pure tfjs function that
 * trainer and verifier share, with the moments it declares in plain arithmetic, its source, and what it leaves out.
 */
import type * as tf from '@tensorflow/tfjs';
import { type Problem, TemperError } from '../errors.js';
import {
  type DeviceParameters,
  type ParameterValues,
  parseParameters,
  writeParameters,
} from './parameter.js';

/** Of the programmed weights over all chips, for each weight. */
export interface Moments {
  readonly mean: Float32Array;
  readonly std: Float32Array;
}

export interface DeviceDefinition<P extends DeviceParameters = DeviceParameters> {
  /** As written in a spec, e.g. `gaussian`. */
  readonly name: string;
  readonly summary: string;
  /** Author, year, where: the source of the formula and of its constants. */
  readonly citation: string;
  readonly notModelled: readonly string[];
  readonly parameters: P;
  /** Specs for help, documentation and the contract test; every parameter's choices should occur. */
  readonly examples: readonly string[];
  /** What the noise is on, and relative to: it follows "noise on". */
  noiseOn(values: ParameterValues<P>): string;
  /** Independent standard normals used per weight. */
  readonly noiseCount: number;
  /**
   * Programmed weights from `weights`, `noiseCount` tensors of standard normals of the same shape, and `strength`, a scalar:
   * 1 = the device, 0 = the weights unchanged, between them the noise ramp of training. Pure tfjs, no value is read.
   */
  program(
    weights: tf.Tensor,
    noise: readonly tf.Tensor[],
    strength: tf.Scalar,
    values: ParameterValues<P>,
    range: tf.Tensor | undefined,
  ): tf.Tensor;
  /** Noise that hardware was measured to have, where these values are on the same scale. */
  landmarks?(values: ParameterValues<P>): readonly Landmark[];
  /** At strength 1. `weights` is the whole stored tensor, `range` has a number for each of them. */
  moments(weights: Float32Array, values: ParameterValues<P>, range: Float32Array | undefined): Moments;
  /**
   * Whether the device, with these values, goes by the range of each output channel: then `range` is given, for `program` in a
   * shape that broadcasts to the weights. Default: never.
   */
  goesByChannel?(values: ParameterValues<P>): boolean;
}

/** A measured level of noise, in units of the device's first parameter. */
export interface Landmark {
  readonly level: number;
  /** Of what, and by whom, in a few words. */
  readonly what: string;
}

/** A device with its parameters chosen. */
export interface Device {
  /** Canonical: equal devices have equal specs. */
  readonly spec: string;
  readonly name: string;
  readonly citation: string;
  readonly notModelled: readonly string[];
  /** What the noise is on, and relative to. */
  readonly noiseOn: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly landmarks: readonly Landmark[];
  /** Independent standard normals used per weight. */
  readonly noiseCount: number;
  /** Whether `program` and `moments` need the ranges of the output channels (src/mapping/channels.ts, ranges.ts). */
  readonly goesByChannel: boolean;
  /**
   * Programmed weights, of the shape of `weights`. `noise`: standard normals, noiseCount x the size of `weights` of them, in
   * any shape, read as [noiseCount, ...weights.shape]. `strength` 1 = the device, 0 = identity: bit for bit the weights, but
   * that a stored -0 may come back as 0. Meant to be traced, or run eagerly on any tfjs backend. `range`: the range of each
   * channel, of a shape that broadcasts to the weights.
   */
  program(weights: tf.Tensor, noise: tf.Tensor, strength: tf.Scalar, range?: tf.Tensor): tf.Tensor;
  /** Declared mean and standard deviation of each programmed weight, at strength 1. `range`: one number for each weight. */
  moments(weights: Float32Array, range?: Float32Array): Moments;
}

/** A definition in the list, its parameter types forgotten. */
export interface DeviceKind
  extends Omit<DeviceDefinition, 'program' | 'moments' | 'goesByChannel' | 'noiseOn' | 'landmarks'> {
  /** The device of a spec's parts after the name. Throws TemperError('usage') with every problem. */
  create(parts: readonly string[]): Device;
}

/** Declares a device. Add it to the list in index.ts. */
export function defineDevice<P extends DeviceParameters>(definition: DeviceDefinition<P>): DeviceKind {
  const { name, citation, notModelled, noiseCount } = definition;
  return {
    ...definition,
    create(parts) {
      const problems: Problem[] = [];
      const parameters = parseParameters(definition.parameters, parts, problems);
      if (problems.length > 0) {
        const where = `device "${[name, ...parts].join(':')}"`;
        const hint = `for example ${definition.examples.join(', ')}`;
        throw new TemperError(
          'usage',
          problems.map((problem) => ({ hint, ...problem, where })),
        );
      }
      const values = parameters as ParameterValues<P>; // parsed by the same declaration
      const goesByChannel = definition.goesByChannel?.(values) ?? false;
      const given = <T>(range: T | undefined): T | undefined => {
        if (goesByChannel && range === undefined) throw new Error(`${name} needs the ranges of the channels`);
        return range;
      };
      return {
        spec: [name, ...writeParameters(definition.parameters, parameters)].join(':'),
        name,
        citation,
        notModelled,
        noiseOn: definition.noiseOn(values),
        parameters,
        landmarks: definition.landmarks?.(values) ?? [],
        noiseCount,
        goesByChannel,
        program: (weights, noise, strength, range) =>
          definition.program(
            weights,
            split(noise, noiseCount, weights.shape),
            strength,
            values,
            given(range),
          ),
        moments: (weights, range) => definition.moments(weights, values, given(range)),
      };
    },
  };
}

/** `noise` as `count` tensors of the given shape. */
function split(noise: tf.Tensor, count: number, shape: number[]): tf.Tensor[] {
  return count === 1 ? [noise.reshape(shape)] : noise.reshape([count, ...shape]).unstack(0);
}
