/**
 * A model as the judge holds it: bytes, or, where the model or a chip of it would be too many for one buffer, the model itself,
 * which goes to onnxruntime through files. Either way the session is the same, bit for bit
 * (docs/decisions/0025-beyond-one-buffer.md).
 */
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import { decodeModel, encodeModel } from '../../onnx/codec.js';
import { largestBuffer, modelSize, Shelf } from '../../onnx/mapped.js';
import type { Model } from '../../onnx/model.js';
import { elementCount } from '../../onnx/tensor.js';
import { openSession, type Session, type SessionOptions } from '../../runtime/session.js';
import { bakeWeights, type Weight } from './bakeWeights.js';
import { allOf } from './draws.js';

/** Stays in the thread that read it: another one would hold all of it again. */
export interface Giant {
  readonly model: Model;
  /** Of a chip of it at most. */
  readonly bytes: number;
  /** What it shares with its chips. */
  readonly shelf: Shelf;
}

export type Held = Uint8Array | Giant;

/** Holds the models of one verification. */
export class ModelHolder {
  private readonly shelves: Shelf[] = [];

  /** @param largest bytes that one buffer holds */
  constructor(private readonly largest = largestBuffer) {}

  /** @param tensors those of which chips have other values */
  hold(model: Model, tensors: readonly CrossbarTensor[]): Held {
    const bytes = chipSize(model, tensors);
    if (bytes <= this.largest) return encodeModel(model);
    // The model, and one chip.
    const shelf = new Shelf(2 * bytes);
    this.shelves.push(shelf);
    return { model, bytes, shelf };
  }

  /** Removes the files. */
  async release(): Promise<void> {
    for (const shelf of this.shelves) await shelf.close();
  }
}

/** Another form of what is held, with the same values, in the same way. */
export function alike(held: Held, model: Model): Held {
  return isGiant(held) ? { ...held, model } : encodeModel(model);
}

export function isGiant(held: Held): held is Giant {
  return !(held instanceof Uint8Array);
}

export function modelOf(held: Held): Model {
  return isGiant(held) ? held.model : decodeModel(held);
}

/** Bytes of a chip at most: of what is stored as codes it has the weights as well. */
function chipSize(model: Model, tensors: readonly CrossbarTensor[]): number {
  const coded = tensors.filter(({ source }) => source === 'dequantized');
  return coded.reduce(
    (sum, { dims, copies }) =>
      sum + Float32Array.BYTES_PER_ELEMENT * elementCount(dims) * (1 + copies.length),
    modelSize(model),
  );
}

/** The model as it stands. */
export async function openHeld(held: Held, options?: SessionOptions): Promise<Session> {
  if (!isGiant(held)) return openSession(held, options);
  return held.shelf.open(
    async () => held.model,
    (path) => openSession(path, options),
  );
}

/**
 * The model with other weights.
 * @param model   what is held, decoded
 * @param weights of a giant they are asked for one after the other, and written before the next
 */
export async function openBaked(
  held: Held,
  model: Model,
  weights: AsyncIterable<Weight> | Iterable<Weight>,
  options?: SessionOptions,
): Promise<Session> {
  if (!isGiant(held)) return openSession(encodeModel(bakeWeights(model, await allOf(weights))), options);
  return held.shelf.open(
    async (write, flush) => {
      let baked = model;
      for await (const weight of weights) {
        baked = bakeWeights(baked, [weight], write);
        await flush();
      }
      return baked;
    },
    (path) => openSession(path, options),
  );
}
