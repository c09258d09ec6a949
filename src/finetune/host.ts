/** The tensors that go into a program and come out of it, as the engines take them. */
import type { StepSpecs, TensorSpec } from '../compile/index.js';

export type HostTensor = NonNullable<StepSpecs['constants']>[string];
export type HostTensors = Record<string, HostTensor>;

export function float32(dims: readonly number[], data: Float32Array): HostTensor {
  return { type: 'float32', dims, data };
}

export function int32(dims: readonly number[], data: Int32Array): HostTensor {
  return { type: 'int32', dims, data };
}

export function bool(dims: readonly number[], data: Uint8Array): HostTensor {
  return { type: 'bool', dims, data };
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Size of tensors in memory: every type that enters a program takes four bytes but bool. */
export function byteSize(specs: readonly TensorSpec[]): number {
  return specs.reduce((sum, { shape, dtype }) => sum + elements(shape) * (dtype === 'bool' ? 1 : 4), 0);
}
