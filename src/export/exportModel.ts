/**
 * Export, the flow: the model as it is, or after the passes asked for: batch normalization folded, weights as codes with
 * their conductance reading. Without passes every byte of every initializer, every name and all metadata stay.
 */
import { TemperError } from '../errors.js';
import { brokenValues } from '../mapping/brokenValues.js';
import { type ConductanceRange, checkRange, defaultRange } from '../mapping/conductance.js';
import { arrange, choosesDigital, digitalKey, digitalNotes } from '../mapping/digital.js';
import { extremeProblems } from '../onnx/extremes.js';
import type { Graph, Model } from '../onnx/model.js';
import { setMetadata } from '../onnx/walk.js';
import { type Crossbar, crossbarKey, crossbarMetadata, describeCrossbar } from './crossbarFile.js';
import { foldBatchNorm } from './foldBatchNorm.js';
import { leftOutNotes } from './leftOut.js';
import { type QuantizeOptions, quantizeWeights } from './quantize.js';

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
  const crossbar = crossbarOf(quantized.model, conductance);
  model = setMetadata(quantized.model, crossbarKey, crossbarMetadata(crossbar));
  return { model, crossbar, notes: [...notes, ...quantized.notes, ...codeNotes(crossbar)] };
}

/** How the codes of an exported model read as conductances. */
export function crossbarOf(model: Model, conductance: ConductanceRange): Crossbar {
  return describeCrossbar(arrange(model, digitalChoice(model, undefined).chosen), conductance);
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
