/** A reader: one published layout of data on disk. Add one: a file in readers/ and a line in readers.ts. */
import type { Contents, Split } from './dataset.js';

export interface ReadRequest {
  /** Folder or file, as the user wrote it; empty for readers without one. */
  location: string;
  split: Split;
  /** Share of the examples that is `test`, for readers whose data have no published split. */
  testFraction: number;
  splitSeed: number;
  /** No more than this many examples are needed (the first ones of the split). */
  limit?: number | undefined;
  /** Shape wanted for one example (the model's input without the batch), for readers that can choose. */
  shape?: readonly (number | undefined)[] | undefined;
}

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
