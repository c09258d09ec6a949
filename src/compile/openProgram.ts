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
  if (modelSize(model) <= largest) return openSession(encodeModel(model), options);
  return throughFiles(model, (path) => openSession(path, options));
}
