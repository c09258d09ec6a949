/** An exported model in its file, with crossbar.json beside it. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TemperError } from '../errors.js';
import { placeOf } from '../files/place.js';
import { writeWhole } from '../files/write.js';
import type { ConductanceRange } from '../mapping/conductance.js';
import { copyModel } from '../onnx/copyFile.js';
import type { ProofOptions } from '../runtime/proof.js';
import { type Crossbar, crossbarJson } from './crossbarFile.js';
import { crossbarOf, type Exported } from './exportModel.js';
import { writeModel } from './writeModel.js';

export interface WrittenFile {
  readonly path: string;
  /** Of the ONNX file, followed by its external data if it has any. */
  readonly sha256?: string;
  readonly bytes: number;
}

/**
 * Writes the model and, for quantized weights, crossbar.json beside it; each appears complete or not at all, and only if
 * onnxruntime opens the model (see `writeModel`). Returns the ONNX file first. Throws TemperError('io') or 'model'.
 */
export async function writeExport(
  path: string,
  { model, crossbar }: Exported,
  options: ProofOptions = {},
): Promise<WrittenFile[]> {
  const beside = crossbar && (await crossbarPath(path));
  const { sha256, bytes, data } = await writeModel(path, model, options);
  const written: WrittenFile[] = [{ path, sha256, bytes }, ...(data ? [data] : [])];
  if (crossbar && beside) written.push(await writeCrossbar(beside, crossbar, path, sha256));
  return written;
}

/**
 * Gives a finished model another name as well, with crossbar.json beside it if the range of its conductances is given: the very
 * file that was judged (see `copyModel`). Throws TemperError('io') if it is another one by now.
 */
export async function copyExport(
  from: string,
  to: string,
  meant: string,
  conductance?: ConductanceRange,
): Promise<void> {
  const beside = conductance && (await crossbarPath(to));
  const { model, sha256 } = await copyModel(from, to, meant);
  if (beside) await writeCrossbar(beside, crossbarOf(model, conductance), to, sha256);
}

async function writeCrossbar(
  beside: string,
  crossbar: Crossbar,
  model: string,
  sha256: string,
): Promise<WrittenFile> {
  const text = new TextEncoder().encode(crossbarJson(crossbar, basename(model), sha256));
  await writeWhole(beside, text);
  return { path: beside, bytes: text.byteLength };
}

/** Throws TemperError('usage') for a model that is written to no file: there is no place beside it. */
export async function crossbarPath(path: string): Promise<string> {
  if ((await placeOf(path)).kind === 'file') return join(dirname(path), 'crossbar.json');
  throw new TemperError('usage', {
    what: 'crossbar.json is written beside the model, and this is no file',
    where: path,
    hint: 'give a file, or leave --bits away',
  });
}

/**
 * Throws TemperError('usage') if the crossbar.json beside `path` belongs to another model: it would be left with the
 * conductances of this one.
 */
export async function checkCrossbarFile(path: string): Promise<void> {
  const where = await crossbarPath(path);
  // A pipe of this name would be waited for.
  const found = await stat(where).catch(() => undefined);
  if (!found) return;
  const owner = found.isFile() ? ownerOf(await readFile(where, 'utf8').catch(() => '')) : undefined;
  if (owner === basename(path)) return;
  throw new TemperError('usage', {
    what: `this file ${owner === undefined ? 'is not one of temper' : `describes ${owner}`} and would be overwritten`,
    where,
    hint: 'give each exported model a folder of its own',
  });
}

function ownerOf(text: string): string | undefined {
  try {
    return JSON.parse(text).model.file;
  } catch {
    return undefined;
  }
}
