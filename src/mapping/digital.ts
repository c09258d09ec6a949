/**
 * Which layers of a model stay on digital hardware: free of noise, never codes. Chosen by the names of nodes or tensors, by
 * operators, or by patterns of these; a file that was exported with such a choice carries it in its metadata.
 */

import { type Problem, TemperError } from '../errors.js';
import { elementOf } from '../lists/elementOf.js';
import { densified } from '../onnx/densify.js';
import { inlineFunctions } from '../onnx/inline.js';
import type { Model } from '../onnx/model.js';
import { metadata } from '../onnx/walk.js';
import { classify, type FixedProduct, type Harmless, type Refused } from './classify.js';
import { type CrossbarTensor, visitNodes } from './crossbar.js';
import { storedSizes } from './inventory.js';
import { nearest } from './nearest.js';

/** The key of the choice in metadata_props: a JSON list of tensors and nodes, by name. */
export const digitalKey = 'temper.digital';

/** As the only pattern: nothing is digital, whatever the file says. */
export const noneDigital = 'none';

/** Stored weights of a layer, or of several that share them. */
export interface Layer {
  /** By name, as layers read them. */
  readonly tensors: readonly string[];
  /** Labels of the nodes. */
  readonly nodes: readonly string[];
  /** Operator of the first of them. */
  readonly opType: string;
  readonly weights: number;
}

export interface Arrangement {
  readonly crossbar: readonly CrossbarTensor[];
  /** Kept off the crossbar, by choice. */
  readonly digital: readonly Layer[];
  /** Those of `digital` that could sit on a crossbar. */
  readonly spared: readonly CrossbarTensor[];
  /** Stored values that need no noise. */
  readonly harmless: readonly Harmless[];
  /** Those of `harmless` that are taken to be digital, though nobody chose them. */
  readonly fixed: readonly FixedProduct[];
  /** What no chip could disturb and nobody chose to be digital: free of noise, and so refused by verification. */
  readonly refused: readonly (Refused & { readonly layer: Layer })[];
  /** Who chose; absent if nothing is digital. */
  readonly chosenBy?: 'option' | 'file';
  /** What to ask for to choose the same again, also in a model made from this one: names without patterns. */
  readonly names: readonly string[];
}

/** What a choice can be made of. */
interface DigitalCandidate {
  readonly layer: Layer;
  readonly names: readonly string[];
  /** Operators of nodes where activations met it before, beside that of the layer. */
  readonly met?: readonly string[];
  readonly tensor?: CrossbarTensor;
  readonly refused?: Refused;
  /** Digital whether it is chosen or not. */
  readonly fixed?: FixedProduct;
}

/**
 * @param patterns names in which `*` stands for anything; left out, what the file says
 * Throws TemperError('usage') for patterns that match nothing and for a choice that leaves nothing on the crossbar; 'model' if
 * that is the file's own.
 */
export function arrange(model: Model, patterns?: readonly string[]): Arrangement {
  const { candidates, harmless } = candidatesOf(model);
  const choice = choiceOf(model, patterns);
  const problems: Problem[] = [];
  const chosen = new Set<DigitalCandidate>();
  for (const pattern of choice.patterns) {
    // A call that cannot be expanded names no weights: nobody knows what would be digital.
    const hits = candidates.filter((each) => each.layer.tensors.length > 0 && choice.matches(pattern, each));
    for (const hit of hits) chosen.add(hit);
    if (hits.length === 0) problems.push(unmatched(pattern, candidates, choice.by));
  }
  const rest = candidates.filter((candidate) => !chosen.has(candidate));
  const crossbar = rest.flatMap(({ tensor }) => tensor ?? []);
  if (problems.length === 0 && chosen.size > 0 && crossbar.length === 0) {
    problems.push({
      what: 'everything would be digital: no weight is left on the crossbar',
      hint: hints[choice.by],
    });
  }
  if (problems.length > 0) throw new TemperError(choice.by === 'file' ? 'model' : 'usage', problems);
  const digital = [...chosen].map(({ layer }) => layer);
  return {
    crossbar,
    digital,
    harmless: harmless.filter(({ name }) => !digital.some(({ tensors }) => tensors.includes(name))),
    fixed: rest.flatMap(({ fixed }) => fixed ?? []),
    spared: [...chosen].flatMap(({ tensor }) => tensor ?? []),
    refused: rest.flatMap(({ refused, layer }) => (refused ? [{ ...refused, layer }] : [])),
    names: digital.map(({ tensors }) => elementOf(tensors, 0, 'tensor')),
    ...(chosen.size > 0 && { chosenBy: choice.by }),
  };
}

/** Whether there is a choice at all, made here or by the file. */
export function choosesDigital(model: Model, patterns?: readonly string[]): boolean {
  return patterns !== undefined || metadata(model).has(digitalKey);
}

/** `12,288 of 20,000 weights (61 %) digital, free of noise: "fc.weight" (Gemm, 12,288)`. */
export function digitalNotes(arrangement: Arrangement): string[] {
  const { digital, chosenBy, fixed } = arrangement;
  const taken = fixed.map(
    ({ tensor, label, reason }) =>
      `"${tensor}" of ${label} multiplies activations free of noise: ${reason}, as it prepares the data.`,
  );
  if (digital.length === 0) return taken;
  const { digital: count, all } = weightCounts(arrangement);
  const shown = digital.slice(0, 10).map(layerText);
  const more = digital.length > shown.length ? `, and ${digital.length - shown.length} more` : '';
  const by = chosenBy === 'file' ? ', as the file says' : '';
  return [
    `${count.toLocaleString('en')} of ${all.toLocaleString('en')} weights (${percent(count / all)}) digital${by}: free of noise in training and verification, never codes: ${shown.join(', ')}${more}.`,
    ...taken,
  ];
}

export function layerText({ tensors, opType, weights }: Layer): string {
  return `"${tensors[0]}" (${opType}, ${weights.toLocaleString('en')})`;
}

/** Of what computes as weights: on crossbars, digital by choice, and neither. An array that two values read counts once. */
export function weightCounts({ crossbar, digital, refused }: Arrangement) {
  const arrays = new Map(crossbar.map(({ array, dims }) => [array, sizeOf(dims)]));
  const sum = (sizes: Iterable<number>) => [...sizes].reduce((total, size) => total + size, 0);
  const counts = {
    crossbar: sum(arrays.values()),
    digital: sum(digital.map(({ weights }) => weights)),
    unplaced: sum(refused.map(({ layer }) => layer.weights)),
  };
  return { ...counts, all: counts.crossbar + counts.digital + counts.unplaced };
}

const hints = {
  file: 'the choice is in the file: --digital none puts every layer on the crossbar again',
  option: 'choose fewer layers',
};

type DigitalChoice = {
  by: 'option' | 'file';
  patterns: readonly string[];
  matches(pattern: string, candidate: DigitalCandidate): boolean;
};

function choiceOf(model: Model, given: readonly string[] | undefined): DigitalChoice {
  if (given !== undefined) {
    const patterns = given.length === 1 && given[0] === noneDigital ? [] : given;
    const matches = (pattern: string, { names, layer, met = [] }: DigitalCandidate) =>
      [...names, layer.opType, ...met].some((name) => isLike(name, pattern));
    return { by: 'option', patterns: [...new Set(patterns)], matches };
  }
  const matches = (pattern: string, { names }: DigitalCandidate) => names.includes(pattern);
  return { by: 'file', patterns: storedChoice(model), matches };
}

function storedChoice(model: Model): string[] {
  const text = metadata(model).get(digitalKey);
  if (text === undefined) return [];
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch {}
  throw new TemperError('model', {
    what: `the metadata entry ${digitalKey} is no JSON list of names`,
    hint: 'say with --digital what is digital; none puts every layer on the crossbar',
  });
}

function isLike(name: string, pattern: string): boolean {
  if (name === pattern) return true;
  if (!pattern.includes('*')) return false;
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts.at(0), parts.at(-1)];
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  // What is between is found from left to right: no regular expression, which a strange pattern could make slow.
  let from = first.length;
  return parts.slice(1, -1).every((part) => {
    const at = name.indexOf(part, from);
    from = at + part.length;
    return at >= 0 && from <= name.length - last.length;
  });
}

function unmatched(
  pattern: string,
  candidates: readonly DigitalCandidate[],
  by: DigitalChoice['by'],
): Problem {
  const names = [...new Set(candidates.flatMap(({ names: own, layer }) => [...own, layer.opType]))];
  const close = nearest(pattern, names).slice(0, 5);
  const shown = close.length > 0 ? close : names.slice(0, 10);
  const list = shown.map((name) => `"${name}"`).join(', ');
  const hint =
    names.length === 0
      ? 'the model has no layer with weights'
      : close.length > 0
        ? `did you mean ${list}?`
        : `names are ${list}${names.length > shown.length ? `, and ${names.length - shown.length} more (temper inspect)` : ''}; * stands for anything`;
  return by === 'file'
    ? { what: `no layer is called "${pattern}", which the file says is digital`, hint: hints.file }
    : { what: `no layer with weights is called, or like, "${pattern}"`, hint };
}

function candidatesOf(model: Model): { candidates: DigitalCandidate[]; harmless: readonly Harmless[] } {
  const { mapped, refused, harmless, fixed } = classify(model);
  const byLabel = new Map<string, string[]>();
  const opTypes = new Map<string, string>();
  visitNodes(model, ({ label }, { name, opType, outputs }) => {
    const names = [name, ...outputs].filter((text) => text !== '');
    byLabel.set(label, names);
    for (const each of names) opTypes.set(each, opType);
  });
  const nodeNames = (labels: readonly string[]) => labels.flatMap((label) => byLabel.get(label) ?? []);
  const sizes = storedSizes(inlineFunctions(densified(model)).graph);
  const onCrossbar = mapped.map((tensor): DigitalCandidate => {
    const { name, copies, stored, nodes, opType, dims } = tensor;
    const tensors = [name, ...copies];
    const layer = { tensors, nodes, opType, weights: sizeOf(dims) };
    return { layer, tensor, names: [...tensors, ...(stored ? [stored] : []), ...nodeNames(nodes)] };
  });
  // Of a tensor that several nodes refuse, the weights count once.
  const counted = new Set<string>();
  const sizeOnce = (name: string) => {
    const size = counted.has(name) ? 0 : (sizes.get(name) ?? 0);
    counted.add(name);
    return size;
  };
  const unplaced = refused.map((entry): DigitalCandidate => {
    const { tensors, node, problem } = entry;
    const labels = problem.where === undefined ? [] : [problem.where];
    const opType = opTypes.get(node) ?? 'unknown';
    const weights = tensors.reduce((sum, name) => sum + sizeOnce(name), 0);
    return {
      layer: { tensors, nodes: labels, opType, weights },
      refused: entry,
      names: [...tensors, node, ...nodeNames([...labels, ...entry.met])],
      met: nodeNames(entry.met).flatMap((name) => opTypes.get(name) ?? []),
    };
  });
  const prepared = fixed.map((entry): DigitalCandidate => {
    const { tensor, node, label } = entry;
    const opType = opTypes.get(node) ?? 'unknown';
    const layer = { tensors: [tensor], nodes: [label], opType, weights: sizes.get(tensor) ?? 0 };
    return { layer, fixed: entry, names: [tensor, node, ...nodeNames([label])] };
  });
  return { candidates: [...onCrossbar, ...unplaced, ...prepared], harmless };
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
