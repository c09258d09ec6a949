/** A process that makes one mutant after another, as its parent asks, and imports and verifies it as the commands do. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task, Told } from '../../test/fuzz/child.js';
import { load } from '../../test/fuzz/load.js';
import { mutant } from '../../test/fuzz/mutate.js';
import { judge } from './judge.js';

process.on('message', ({ seed, index, only, folder }: Task) => {
  void (async () => {
    const { told, bytes } = mutant(seed, index, only);
    const path = join(folder, 'model.onnx');
    writeFileSync(path, bytes);
    process.send!({ index, started: told });
    const began = performance.now();
    const loaded = await load(path);
    const readable = loaded.kind === 'imported' || loaded.kind === 'refused by import';
    const outcome = readable ? await judge(path) : loaded;
    const milliseconds = performance.now() - began;
    const peak = process.resourceUsage().maxRSS * 1024;
    rmSync(path);
    process.send!({
      ...{ ...outcome, index, mutation: told, bytes: bytes.length, milliseconds, peak },
    } satisfies Told);
  })();
});
process.send!('ready');
