/** A reader: one published layout of data on disk. Add one: a file in readers/ and a line in readers.ts. */
import type { Contents, Split } from './dataset.js';
import type { Labels } from './targets.js';

export interface ReadRequest {
  /** Folder or file, as the user wrote it; empty for readers without one. */
  location: string;
  split: Split;
  /** Share of the examples that is `test`, for readers whose data have no published split. */
  testFraction: number;
  splitSeed: number;
  /** What becomes of data without parts of their own that are somebody's own pile, not a published set. */
  undivided: Undivided;
  /** A sample of no more than this many examples is needed (sample.ts, with `splitSeed`), for readers that save work by it. */
  limit?: number | undefined;
  /** Shape wanted for one example (the model's input without the batch), for readers that can choose. */
  shape?: readonly (number | undefined)[] | undefined;
  /** Values the model puts out for an example, if known, and what the user says of the labels: see targets.ts. */
  outputs?: number | undefined;
  labels?: Labels | undefined;
}

/** `draw` a share as the test part; or take the `whole` of it as the part that is asked for. */
export type Undivided = 'draw' | 'whole';

export interface Reader {
  /** The word before the colon of a data spec. */
  name: string;
  /** One line for `--help`. */
  summary: string;
  location: 'directory' | 'file' | 'none';
  /** `published`: the makers of the data say what is test; `drawn`: a seeded share is (`testFraction`). */
  split: 'published' | 'drawn';
  /** Throws TemperError 'io' (cannot be read) or 'model' (read, but not what it should be), every problem at once. */
  read(request: ReadRequest): Promise<Contents>;
}

export function defineReader(reader: Reader): Reader {
  return reader;
}
