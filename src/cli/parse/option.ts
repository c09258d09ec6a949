/**
 * An option of the command line: said once, used for parsing, for `--help`, for docs/cli.md and for the recipe.
 * `schema` judges the value; `read` turns the text of the command line into what the schema expects.
 */
import { z } from 'zod';

export interface Option<S extends z.ZodType = z.ZodType> {
  /** The type yargs parses the text as. */
  readonly kind: 'string' | 'boolean' | 'list' | 'pair';
  readonly describe: string;
  /** Of what may be given, and by `default` or `optional` of what it is where nothing is. */
  readonly schema: S;
  /** What the schema lets through, in words: `a whole number from 1 to 90`. */
  readonly allowed: string;
  /** Word for the value in help texts, e.g. `DIR`. */
  readonly value?: string;
  readonly alias?: string;
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

export type Options = Readonly<Record<string, Option>>;

/** Values of a group of options, as their schemas say. */
export type OptionValues<O extends Options> = { [K in keyof O]: z.infer<O[K]['schema']> };

/** What it is if nothing is given: its default, or undefined. */
export function usualOf({ schema }: Option): unknown {
  return schema.safeParse(undefined).data;
}

export function isRequired({ schema }: Option): boolean {
  return !schema.safeParse(undefined).success;
}

/** What may be told of an option of values T. */
interface Details<T> extends Partial<Pick<Option, 'value' | 'alias' | 'when' | 'insteadOf' | 'check'>> {
  default?: T;
  required?: true;
}

/** The schema of a value that may be left out, if it may. */
type Completed<S extends z.ZodType, D> = D extends { default: unknown }
  ? z.ZodDefault<S>
  : D extends { required: true }
    ? S
    : z.ZodOptional<S>;

function option<S extends z.ZodType, D extends Details<z.infer<S>>>(
  schema: S,
  details: D,
  kind: Pick<Option, 'kind' | 'describe' | 'allowed' | 'read'>,
): Option<Completed<S, D>> {
  const { default: usual, required, ...rest }: Details<unknown> = details;
  const plain: z.ZodType = schema;
  const given = required ? plain : plain.optional();
  const completed = usual === undefined ? given : plain.default(usual);
  // The same three cases as in the type, which the compiler does not follow.
  return { ...kind, ...rest, schema: completed as Completed<S, D> };
}

export function text<D extends Details<string>>(describe: string, details: D) {
  const allowed = 'a text that is not empty';
  return option(z.string().min(1), details, { kind: 'string', describe, allowed });
}

interface Range {
  minimum?: number;
  maximum?: number;
}

/** Far more of anything that is counted than a machine finishes: a slip of the finger, better told now than by a full memory. */
const mostCounted = 1e9;

/** A whole number; `minimum` 0 and `maximum` 10^9 unless told. */
export function whole<D extends Details<number> & Range>(describe: string, details: D) {
  const { minimum = 0, maximum = mostCounted } = details;
  return option(
    z.int().min(minimum).max(maximum),
    { value: 'N', ...details },
    { kind: 'string', describe, allowed: `a whole number from ${minimum} to ${maximum}`, read: numberOf },
  );
}

/** A real number within [minimum, maximum]. */
export function real<D extends Details<number> & Range>(describe: string, details: D) {
  const { minimum = 0, maximum = Number.MAX_VALUE } = details;
  const allowed =
    maximum === Number.MAX_VALUE
      ? `a number of at least ${minimum}`
      : `a number from ${minimum} to ${maximum}`;
  return option(
    z.number().min(minimum).max(maximum),
    { value: 'X', ...details },
    { kind: 'string', describe, allowed, read: numberOf },
  );
}

/** `auto`, or a real number of at least 0. */
export function autoOr<D extends Details<number | 'auto'>>(describe: string, details: D) {
  const read = (given: string) => (given === 'auto' ? given : numberOf(given));
  return option(
    z.union([z.literal('auto'), z.number().min(0)]),
    { value: 'auto|X', ...details },
    { kind: 'string', describe, allowed: 'auto or a number of at least 0', read },
  );
}

export function flag(describe: string): Option<z.ZodDefault<z.ZodBoolean>> {
  const allowed = 'true or false (it takes no value)';
  return { kind: 'boolean', describe, schema: z.boolean().default(false), allowed };
}

export function choice<const C extends readonly string[], D extends Details<C[number]>>(
  describe: string,
  choices: C,
  details: D,
) {
  return option(
    z.enum(choices),
    { value: choices.join('|'), ...details },
    { kind: 'string', describe, allowed: oneOf(choices) },
  );
}

/** Comma-separated numbers: `0.49,0.48,0.45`. */
export function numbers<D extends Details<number[]>>(describe: string, details: D) {
  const allowed = 'a number, or several with commas between them';
  const read = (given: string) => given.split(',').map(numberOf);
  return option(
    z.array(z.number()).min(1),
    { value: 'A,B,…', ...details },
    { kind: 'string', describe, allowed, read },
  );
}

/** Names out of a few, separated by commas: `clipped,plain`, or `none` of them. */
export function names<const C extends readonly string[], D extends Details<C[number][]>>(
  describe: string,
  choices: C,
  details: D,
) {
  const allowed = `none, or some of ${choices.join(', ')} with commas between them`;
  const read = (given: string) =>
    given.trim() === 'none' ? [] : given.split(',').map((name) => name.trim());
  return option(
    z.array(z.enum(choices)),
    { value: `${choices.join(',')}|none`, ...details },
    { kind: 'string', describe, allowed, read },
  );
}

/** An option that may be given several times. */
export function list<D extends Details<string[]>>(describe: string, details: D) {
  const allowed = 'a text that is not empty';
  return option(z.array(z.string().min(1)).min(1), details, { kind: 'list', describe, allowed });
}

/** A number and a text: `--write-chip 37 chip37.onnx`. */
export function pair(describe: string, value: string) {
  const allowed = 'a whole number and a text that is not empty';
  const schema = z.tuple([z.int().min(0), z.string().min(1)]);
  return option(schema, { value }, { kind: 'pair', describe, allowed });
}

function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? choices[0]! : `one of ${choices.join(', ')}`;
}

/** NaN for anything that is not a number, so that the schema refuses it. `''` is not 0. */
function numberOf(given: string): number {
  return given.trim() === '' ? Number.NaN : Number(given);
}
