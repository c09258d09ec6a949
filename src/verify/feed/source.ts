/** A model to be judged, as it is given: a path, bytes, or a file that was read already. It is read once. */
import { createHash } from 'node:crypto';
import { decodeModel, encodeModel } from '../../onnx/codec.js';
import { densified } from '../../onnx/densify.js';
import { type ModelFile, readModelFile } from '../../onnx/file.js';
import { largestBuffer, modelSize, throughFiles } from '../../onnx/mapped.js';
import type { Model } from '../../onnx/model.js';
import { openSession, type Session, type SessionOptions } from '../../runtime/session.js';

export type ModelSource = string | Uint8Array | ModelFile;

export interface LoadedModel {
  readonly model: Model;
  /** Of the file as stored, lower-case hex. */
  readonly sha256: string;
  /** Absent if the model was given as bytes. */
  readonly path?: string;
  /** For messages. */
  readonly where: string;
}

/** Throws TemperError('io'), or 'model' for what is no ONNX. */
export async function loadModel(source: ModelSource): Promise<LoadedModel> {
  if (source instanceof Uint8Array) {
    const sha256 = createHash('sha256').update(source).digest('hex');
    return { model: varied(decodeModel(source)), sha256, where: 'the model' };
  }
  const { path, model, sha256 } = typeof source === 'string' ? await readModelFile(source) : source;
  return { model: varied(model), sha256, path, where: path };
}

/** On a crossbar the zeros of a sparse tensor vary too. */
function varied(model: Model): Model {
  return densified(model);
}

/** The model as it is, unchecked. */
export async function openSource(source: ModelSource, options: SessionOptions): Promise<Session> {
  if (typeof source === 'string' || source instanceof Uint8Array) return openSession(source, options);
  const { model } = source;
  if (modelSize(model) <= largestBuffer) return openSession(encodeModel(model), options);
  return throughFiles(model, (file) => openSession(file, options));
}
