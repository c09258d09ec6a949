/** What every process does that makes one damaged file after another, as its parent asks, and tells what came of each. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './load.js';
import { mutant } from './mutate.js';

export interface Task {
  seed: number;
  index: number;
  only: string;
  folder: string;
}

export interface Told extends Outcome {
  index: number;
  mutation: string;
  bytes: number;
  milliseconds: number;
  /** The largest the process has been, in bytes. */
  peak: number;
}

/** @param judge what is done with each file */
export function serve(judge: (path: string) => Promise<Outcome>): void {
  process.on('message', ({ seed, index, only, folder }: Task) => {
    void (async () => {
      const { told, bytes } = mutant(seed, index, only);
      const path = join(folder, 'model.onnx');
      writeFileSync(path, bytes);
      process.send!({ index, started: told });
      const began = performance.now();
      const outcome = await judge(path);
      const milliseconds = performance.now() - began;
      const peak = process.resourceUsage().maxRSS * 1024;
      rmSync(path);
      process.send!({
        ...{ ...outcome, index, mutation: told, bytes: bytes.length, milliseconds, peak },
      } satisfies Told);
    })();
  });
  process.send!('ready');
}
