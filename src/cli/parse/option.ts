/**
 * An option of the command line: said once, used for parsing, for `--help`, for docs/cli.md and for the recipe.
 * `schema` judges the value; `read` turns the text of the command line into what the schema expects.
 */
import { z } from 'zod';

export interface Option<T> {
  /** The type yargs parses the text as. */
  readonly kind: 'string' | 'boolean' | 'list' | 'pair';
  readonly describe: string;
  readonly schema: z.ZodType<T>;
  /** What the schema lets through, in words: `a whole number from 1 to 90`. */
  readonly allowed: string;
  /** Word for the value in help texts, e.g. `DIR`. */
  readonly value?: string;
  readonly default?: T;
  readonly alias?: string;
  readonly required?: boolean;
  /** Other options this one needs to do anything; given without them it is refused, rather than ignored. */
  readonly when?: Condition;
  /** Names of options that say the same in other words: given, it takes their place in a recipe, and beside them it is refused. */
  readonly insteadOf?: readonly string[];
  read?(text: string): unknown;
  /** Throws TemperError for a text that means nothing, which a schema cannot say (see values.ts). */
  check?(text: string): void;
}

export interface Condition {
  /** As a user would write it: `--method wvat`. */
  readonly said: string;
  /** `values` of all options of the command; those of other commands are undefined. */
  holds(values: Readonly<Record<string, unknown>>): boolean;
}

export type Options = Readonly<Record<string, Option<any>>>;

/** Values of a group of options: undefined where there is neither a default nor a duty to give the option. */
export type OptionValues<O extends Options> = { [K in keyof O]: O[K] extends Option<infer T> ? T : never };

interface Details<T> {
  value?: string;
  default?: T;
  alias?: string;
  when?: Condition;
  insteadOf?: readonly string[];
  check?: (text: string) => void;
}

type OptionOf<T, D> = D extends { default: T } | { required: true } ? Option<T> : Option<T | undefined>;

function option<T, D extends Details<T> & { required?: true }>(
  kind: Option<T>['kind'],
  describe: string,
  schema: z.ZodType<T>,
  allowed: string,
  details: D,
  read?: (text: string) => unknown,
): OptionOf<T, D> {
  return { kind, describe, schema, allowed, ...details, ...(read && { read }) } as unknown as OptionOf<T, D>;
}

export function text<D extends Details<string> & { required?: true }>(describe: string, details: D) {
  return option<string, D>('string', describe, z.string().min(1), 'a text that is not empty', details);
}

/** Far more of anything that is counted than a machine finishes: a slip of the finger, better told now than by a full memory. */
const mostCounted = 1e9;

/** A whole number; `minimum` 0 and `maximum` 10^9 unless told. */
export function whole<D extends Details<number> & { minimum?: number; maximum?: number; required?: true }>(
  describe: string,
  details: D,
) {
  const { minimum = 0, maximum = mostCounted } = details;
  const schema = z.int().min(minimum).max(maximum);
  const allowed = `a whole number from ${minimum} to ${maximum}`;
  return option<number, D>('string', describe, schema, allowed, { value: 'N', ...details }, numberOf);
}

/** A real number within [minimum, maximum]. */
export function real<D extends Details<number> & { minimum?: number; maximum?: number }>(
  describe: string,
  details: D,
) {
  const { minimum = 0, maximum = Number.MAX_VALUE } = details;
  return option<number, D>(
    'string',
    describe,
    z.number().min(minimum).max(maximum),
    maximum === Number.MAX_VALUE
      ? `a number of at least ${minimum}`
      : `a number from ${minimum} to ${maximum}`,
    { value: 'X', ...details },
    numberOf,
  );
}

/** `auto`, or a real number of at least 0. */
export function autoOr<D extends Details<number | 'auto'>>(describe: string, details: D) {
  return option<number | 'auto', D>(
    'string',
    describe,
    z.union([z.literal('auto'), z.number().min(0)]),
    'auto or a number of at least 0',
    { value: 'auto|X', ...details },
    (given) => (given === 'auto' ? given : numberOf(given)),
  );
}

export function flag(describe: string): Option<boolean> {
  return {
    ...{ kind: 'boolean', describe, schema: z.boolean(), default: false },
    allowed: 'true or false (it takes no value)',
  };
}

export function choice<const C extends readonly string[], D extends Details<C[number]>>(
  describe: string,
  choices: C,
  details: D,
) {
  return option<C[number], D>('string', describe, z.enum(choices), oneOf(choices), {
    value: choices.join('|'),
    ...details,
  });
}

/** Comma-separated numbers: `0.49,0.48,0.45`. */
export function numbers<D extends Details<number[]>>(describe: string, details: D) {
  return option<number[], D>(
    'string',
    describe,
    z.array(z.number()).min(1),
    'a number, or several with commas between them',
    { value: 'A,B,…', ...details },
    (given) => given.split(',').map(numberOf),
  );
}

/** Names out of a few, separated by commas: `clipped,plain`, or `none` of them. */
export function names<const C extends readonly string[], D extends Details<C[number][]>>(
  describe: string,
  choices: C,
  details: D,
) {
  return option<C[number][], D>(
    'string',
    describe,
    z.array(z.enum(choices)),
    `none, or some of ${choices.join(', ')} with commas between them`,
    { value: `${choices.join(',')}|none`, ...details },
    (given) => (given.trim() === 'none' ? [] : given.split(',').map((name) => name.trim())),
  );
}

/** An option that may be given several times. */
export function list<D extends Details<string[]>>(describe: string, details: D) {
  return option<string[], D>(
    'list',
    describe,
    z.array(z.string().min(1)).min(1),
    'a text that is not empty',
    details,
  );
}

/** A number and a text: `--write-chip 37 chip37.onnx`. */
export function pair(describe: string, value: string): Option<[number, string] | undefined> {
  return {
    kind: 'pair',
    describe,
    value,
    schema: z.tuple([z.int().min(0), z.string().min(1)]).optional(),
    allowed: 'a whole number and a text that is not empty',
  };
}

function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? choices[0]! : `one of ${choices.join(', ')}`;
}

/** NaN for anything that is not a number, so that the schema refuses it. `''` is not 0. */
function numberOf(given: string): number {
  return given.trim() === '' ? Number.NaN : Number(given);
}
