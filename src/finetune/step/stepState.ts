/**
 * What a training step carries on, is fed and always has, by group and parameter name; and the flat names under which the engine and
 * checkpoints know the same tensors. `T` is a tensor of the trace (tf.Tensor) or its values (HostTensor).
 */
/** By parameter name. Without a prototype: a parameter may be called `constructor`. */
export type Named<T> = Readonly<Record<string, T>>;

/** Carried from step to step. */
export interface StepState<T> {
  readonly parameters: Named<T>;
  /** Of the optimizer: by slot, then by parameter. */
  readonly slots: Named<Named<T>>;
  /** Largest magnitudes of the weights that are clipped (choice/clips.ts). */
  readonly bounds: Named<T>;
  /** Above 0 once a gradient has reached a parameter that had none (reached.ts). */
  readonly reached: Named<T>;
  /** Running means and variances that follow the batches. */
  readonly statistics: Named<T>;
}

/** New in each step. */
export interface StepBatch<T> {
  readonly examples: T;
  /** Labels or targets, under the name of `answerSpec` (objective.ts). */
  readonly answers: Named<T>;
  /** Of the perturbation, 0 ... 1; absent if the method does not perturb. */
  readonly strength?: T | undefined;
  /** Of the optimizer. */
  readonly scalars: Named<T>;
  /** Of the method. */
  readonly flags: Named<T>;
  /** Where in the pool the noise of each tensor begins. */
  readonly offsets: Named<T>;
}

/** The same in all steps. */
export interface StepConstants<T> {
  readonly fixed: Named<T>;
  /** Standard normals; absent if the method does not sample. */
  readonly pool?: T | undefined;
}

export function named<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.setPrototypeOf(Object.fromEntries(entries), null);
}

export function mapNamed<T, U>(tensors: Named<T>, change: (tensor: T, name: string) => U): Record<string, U> {
  return named(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]));
}

export function tensorOf<T>(tensors: Named<T>, name: string): T {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`the step has no tensor "${name}"`);
  return tensor;
}

/** A flat name is `GROUP/NAME`; what is no group of this list is a slot. */
const prefixes = {
  parameters: 'parameter',
  bounds: 'bound',
  reached: 'reached',
  statistics: 'statistic',
  fixed: 'constant',
  scalars: 'scalar',
  flags: 'flag',
  offsets: 'offset',
} as const;
type Group = keyof typeof prefixes;

function flat<T>(prefix: string, tensors: Named<T>): Record<string, T> {
  return named(Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]));
}

function group<T>(prefix: string, tensors: Named<T>): Record<string, T> {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(`${prefix}/`));
  return named(found.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}

function flatGroups<T>(groups: Partial<Record<Group, Named<T>>>): Record<string, T> {
  const entries = Object.entries(groups) as [Group, Named<T>][];
  return Object.assign({}, ...entries.map(([name, tensors]) => flat(prefixes[name], tensors)));
}

export function flatState<T>({ slots, parameters, ...others }: StepState<T>): Record<string, T> {
  const flatSlots = Object.entries(slots).map(([slot, tensors]) => flat(slot, tensors));
  return Object.assign(flatGroups({ parameters }), ...flatSlots, flatGroups(others));
}

/** @param slots those of the optimizer */
export function groupedState<T>(tensors: Named<T>, slots: readonly string[]): StepState<T> {
  return {
    parameters: group(prefixes.parameters, tensors),
    slots: named(slots.map((slot) => [slot, group(slot, tensors)])),
    bounds: group(prefixes.bounds, tensors),
    reached: group(prefixes.reached, tensors),
    statistics: group(prefixes.statistics, tensors),
  };
}

export function flatBatch<T>(batch: StepBatch<T>): Record<string, T> {
  const { examples, answers, scalars, strength, ...others } = batch;
  return {
    examples,
    ...answers,
    ...flatGroups({ scalars }),
    ...(strength && { strength }),
    ...flatGroups(others),
  };
}

/** @param answer name of the labels or targets */
export function groupedBatch<T>(tensors: Named<T>, answer: string): StepBatch<T> {
  const { examples, [answer]: answers, strength } = tensors;
  if (examples === undefined || answers === undefined) throw new Error('a step is fed examples and answers');
  return {
    examples,
    answers: { [answer]: answers },
    strength,
    scalars: group(prefixes.scalars, tensors),
    flags: group(prefixes.flags, tensors),
    offsets: group(prefixes.offsets, tensors),
  };
}

export function flatConstants<T>({ fixed, pool }: StepConstants<T>): Record<string, T> {
  return { ...flatGroups({ fixed }), ...(pool && { pool }) };
}

export function groupedConstants<T>(tensors: Named<T>): StepConstants<T> {
  return { fixed: group(prefixes.fixed, tensors), pool: tensors.pool };
}
