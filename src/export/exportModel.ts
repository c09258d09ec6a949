/**
 * Export, the flow: the model as it is, or after the passes asked for: batch normalization folded, weights as codes with
 * their conductance reading. Without passes every byte of every initializer, every name and all metadata stay.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TemperError } from '../errors.js';
import { placeOf } from '../files/place.js';
import { writeWhole } from '../files/write.js';
import { brokenValues } from '../mapping/brokenValues.js';
import { type ConductanceRange, checkRange, defaultRange } from '../mapping/conductance.js';
import { arrange, choosesDigital, digitalKey, digitalNotes } from '../mapping/digital.js';
import { extremeProblems } from '../onnx/extremes.js';
import type { Graph, Model } from '../onnx/model.js';
import { setMetadata } from '../onnx/walk.js';
import type { ProofOptions } from '../runtime/proof.js';
import {
  type Crossbar,
  crossbarJson,
  crossbarKey,
  crossbarMetadata,
  describeCrossbar,
} from './crossbarFile.js';
import { foldBatchNorm } from './foldBatchNorm.js';
import { leftOutNotes } from './leftOut.js';
import { type QuantizeOptions, quantizeWeights } from './quantize.js';
import { writeModel } from './writeModel.js';

export interface ExportOptions extends Partial<Omit<QuantizeOptions, 'digital'>> {
  /** Fold batch normalization into the layers before it; default no. */
  readonly foldBatchNorm?: boolean;
  /**
   * Layers that stay digital: names or patterns (src/mapping/digital.ts). They keep their floats, and the file says so to
   * verification. Left out, what the file says already.
   */
  readonly digital?: readonly string[] | undefined;
  /** Conductances of the devices; default 0 to 25 microsiemens. Used with `bits`. */
  readonly conductance?: ConductanceRange;
}

export interface Exported {
  readonly model: Model;
  /** How the codes read as conductances; only of quantized weights. */
  readonly crossbar?: Crossbar;
  /** What was done, and what could not be, in words. */
  readonly notes: readonly string[];
}

/** Applies the passes. Throws TemperError('model') with everything that keeps the model from being exported so. */
export function exportModel(source: Model, options: ExportOptions = {}): Exported {
  const { bits, scales = 'channel', conductance = defaultRange } = options;
  checkRange(conductance);
  const extreme = extremeProblems(source);
  if (extreme.length > 0) throw new TemperError('model', extreme);
  refuseBroken(source);
  if (options.foldBatchNorm || bits !== undefined) refuseDoubles(source.graph);
  const notes: string[] = [];
  let model = source;
  const { chosen, says } = digitalChoice(source, options.digital);
  notes.push(...says);
  if (options.foldBatchNorm) {
    const { folded, kept, model: next } = foldBatchNorm(model);
    model = next;
    notes.push(`${folded.length} batch normalizations folded`);
    notes.push(...kept.map(({ label, reason }) => `${label} not folded: ${reason}`));
  }
  if (options.digital !== undefined) model = withChoice(model, chosen);
  if (bits === undefined) {
    // Folding multiplies, which may overflow.
    if (options.foldBatchNorm) refuseBroken(model);
    return { model, notes };
  }
  const spared = arrange(model, chosen).spared.map(({ name }) => name);
  const quantized = quantizeWeights(model, { bits, scales, digital: spared });
  refuseBroken(quantized.model);
  const crossbar = describeCrossbar(arrange(quantized.model, chosen), conductance);
  model = setMetadata(quantized.model, crossbarKey, crossbarMetadata(crossbar));
  return { model, crossbar, notes: [...notes, ...quantized.notes, ...codeNotes(crossbar)] };
}

/** What is exported is to be used: nothing is, of which only NaN would come. */
function refuseBroken(model: Model): void {
  const problems = brokenValues(model);
  if (problems.length > 0) throw new TemperError('model', problems);
}

/** Names of what stays digital, and what is to be said of it. */
function digitalChoice(source: Model, digital: readonly string[] | undefined) {
  if (!choosesDigital(source, digital)) return { chosen: [], says: [] };
  const arrangement = arrange(source, digital);
  return { chosen: arrangement.names, says: digitalNotes(arrangement) };
}

/** The model with the choice in its metadata, where verification finds it. */
function withChoice(model: Model, names: readonly string[]): Model {
  if (names.length > 0) return setMetadata(model, digitalKey, JSON.stringify(names));
  return { ...model, metadataProps: model.metadataProps.filter(({ key }) => key !== digitalKey) };
}

function codeNotes({ weights: { codes, all }, leftOut }: Crossbar): string[] {
  const counted = `${codes.toLocaleString('en')} of ${all.toLocaleString('en')} weights as codes`;
  return [counted, ...leftOutNotes(leftOut)];
}

/** A pass changes what a name stands for: which of two values it is must be clear. */
function refuseDoubles({ nodes, initializers }: Graph): void {
  const made = new Set<string>();
  const twice = [...initializers.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)].filter(
    (name) => name !== '' && (made.has(name) || !made.add(name)),
  );
  if (twice.length === 0) return;
  const hint = 'each value needs a name of its own: export the file anew';
  throw new TemperError(
    'model',
    twice.map((name) => ({ what: 'this value is made twice', where: `value "${name}"`, hint })),
  );
}

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
  if (crossbar && beside) {
    const text = new TextEncoder().encode(crossbarJson(crossbar, basename(path), sha256));
    await writeWhole(beside, text);
    written.push({ path: beside, bytes: text.byteLength });
  }
  return written;
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
