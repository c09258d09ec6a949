/** One result file as a section of docs/benchmarks.md: what was asked, what was measured, whether it was met. */
import { z } from 'zod';

export interface Measured {
  /** In words, with its spread. */
  figure: string;
  /** undefined: not measured (yet). */
  met: boolean | undefined;
}

/** An ask of an issue and how a result answers it. */
export interface Ask<C> {
  asked: string;
  answer(content: C): Measured;
}

export interface Section {
  /** Name of the file in bench/results, without `.json`. */
  result: string;
  title: string;
  /** What was measured. */
  what: string;
  /** The command that repeats it, for files that do not tell. */
  command: string;
  /** Seeds, repetitions: what the spread is over. */
  repeats: string;
  asked: string[];
  /** Throws if the file does not have the form its section understands. */
  read(content: unknown): { answers: Measured[]; tables: string[] };
}

interface Definition<S extends z.ZodType>
  extends Pick<Section, 'result' | 'title' | 'what' | 'command' | 'repeats'> {
  schema: S;
  asks: Ask<z.output<S>>[];
  /** The figures, compact. */
  tables(content: z.output<S>): string[];
}

export function defineSection<S extends z.ZodType>({
  schema,
  asks,
  tables,
  ...told
}: Definition<S>): Section {
  return {
    ...told,
    asked: asks.map(({ asked }) => asked),
    read(content) {
      const checked = schema.safeParse(content);
      if (!checked.success)
        throw new Error(`bench/results/${told.result}.json: ${z.prettifyError(checked.error)}`);
      return { answers: asks.map(({ answer }) => answer(checked.data)), tables: tables(checked.data) };
    },
  };
}

export const notMeasured: Measured = { figure: 'not measured yet', met: undefined };
