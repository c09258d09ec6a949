/**
 * A program opened by onnxruntime: from its bytes, or, where its constants are more than one buffer holds, through files from
 * which they are mapped (docs/decisions/0025-beyond-one-buffer.md). Large tables that are not trained then cost nothing until
 * they are read.
 */
import { encodeModel } from '../onnx/codec.js';
import { largestBuffer, modelSize, throughFiles } from '../onnx/mapped.js';
import type { Model } from '../onnx/model.js';
import { openSession, type Session, type SessionOptions } from '../runtime/session.js';

/** @param largest bytes that are opened from memory. Above it nothing else changes. */
export async function openProgram(
  model: Model,
  options: SessionOptions = {},
  largest = largestBuffer,
): Promise<Session> {
  const chosen = { arena: fedBytes(model) < weighty, ...options };
  if (modelSize(model) <= largest) return openSession(encodeModel(model), chosen);
  return throughFiles(model, (path) => openSession(path, chosen));
}

/** Bytes fed from which the memory that onnxruntime keeps counts more than the time that it takes to get it anew. */
const weighty = 2 ** 27;
const bytesPerValue = 4;

function fedBytes({ graph }: Model): number {
  return graph.inputs.reduce((sum, { tensorType }) => {
    const extents = (tensorType?.shape ?? []).map((extent) => (typeof extent === 'number' ? extent : 1));
    return sum + bytesPerValue * extents.reduce((product, extent) => product * extent, 1);
  }, 0);
}
