/** The tensors that go into a program and come out of it, as the engines take them. */
import type { HostTensor, TensorSpec } from '../../compile/index.js';

export type HostTensors = Record<string, HostTensor>;

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Size of tensors in memory: every type that enters a program takes four bytes but bool. */
export function byteSize(specs: readonly TensorSpec[]): number {
  return specs.reduce((sum, { shape, dtype }) => sum + elements(shape) * (dtype === 'bool' ? 1 : 4), 0);
}
