/** A tfjs backend whose tensors are recorded values: which data id stands for which value, and how many tensors share it. */
import * as tf from '@tensorflow/tfjs';
import { lookUp } from '../lists/lookUp.js';
import type { Value } from './kernel.js';

interface RecordedEntry {
  value: Value;
  references: number;
}

export abstract class RecordedTensors extends tf.KernelBackend {
  private readonly entries = new Map<object, RecordedEntry>();
  // tfjs moves a tensor between backends through a DataStorage only.
  private readonly storage = new tf.DataStorage<Value>(this, tf.engine());

  /** The value that stands for elements made outside of the recording. */
  protected abstract given(elements: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Value;

  get(dataId: object): Value {
    // A tensor of another backend: tfjs moves it here.
    if (!this.entries.has(dataId)) this.storage.get(dataId);
    return lookUp(this.entries, dataId, 'tensor').value;
  }
  add(value: Value): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, { value, references: 1 });
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  /** A tensor of what a kernel made of its inputs: one of them itself, as by Identity, is no value of its own. */
  made(value: Value, inputs: readonly tf.TensorInfo[]): tf.TensorInfo {
    const same = inputs.find(({ dataId }) => this.get(dataId) === value);
    if (!same) return this.add(value);
    this.incRef(same.dataId);
    return { dataId: same.dataId, shape: [...value.shape], dtype: value.dtype };
  }

  override write(elements: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    return this.add(this.given(elements, shape, dtype)).dataId;
  }
  override move(
    dataId: object,
    elements: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references = 1,
  ): void {
    const value = this.given(elements, shape, dtype);
    this.entries.set(dataId, { value, references });
    this.storage.set(dataId, value);
  }
  /** False while another tensor, a variable say, still stands for the same value. */
  override disposeData(dataId: object, force = false): boolean {
    const entry = this.entries.get(dataId);
    if (!entry) return true;
    entry.references--;
    if (entry.references > 0 && !force) return false;
    return this.entries.delete(dataId);
  }
  override numDataIds(): number {
    return this.entries.size;
  }
  override refCount(dataId: object): number {
    return this.entries.get(dataId)?.references ?? 0;
  }
  override incRef(dataId: object): void {
    const entry = this.entries.get(dataId);
    if (entry) entry.references++;
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override dispose(): void {}
}
