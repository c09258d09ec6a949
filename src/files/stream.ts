/** Writes to what is no file: pipes, devices, and descriptors that the shell opened. */
import { close, constants, open, write } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { StreamPlace } from './place.js';

const [opened, closed, written] = [promisify(open), promisify(close), promisify(write)];

const chunk = 2 ** 16;
const standardOutput = 1;

/** Throws the error of the system. */
export async function writeStream(
  { path, descriptor }: StreamPlace,
  parts: readonly Uint8Array[],
): Promise<void> {
  // Neither made nor emptied: it is there, and there is nothing to empty.
  const file = descriptor ?? (await opened(path, constants.O_WRONLY));
  try {
    for (const part of parts) await writeAll(file, part);
  } catch (error) {
    // A reader that has seen enough (`temper … --json /dev/stdout | head`) is no failure.
    if (descriptor !== standardOutput || (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  } finally {
    if (descriptor === undefined) await closed(file);
  }
}

async function writeAll(file: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    try {
      const { bytesWritten } = await written(file, bytes.subarray(done, done + chunk));
      done += bytesWritten;
    } catch (error) {
      // A full pipe that does not wait: somebody else (Node, for its own output) has set it so.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await wait(5);
    }
  }
}
