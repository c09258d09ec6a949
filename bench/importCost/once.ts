/** One import in a process of its own: milliseconds, and bytes beyond those of a process that has imported a tiny model. */
import { importModel } from '../../src/import/importModel.js';
import { readModelFile } from '../../src/onnx/file.js';

export interface Cost {
  milliseconds: number;
  /** Largest resident set while importing, less the resident set before. */
  peak: number;
  /** Resident set after, less that before, with the imported network alive. */
  kept: number;
  /** Of `kept`, memory of typed arrays. */
  arrayBuffers: number;
}

async function importFile(path: string) {
  return importModel((await readModelFile(path)).model);
}

const [tiny, path] = process.argv.slice(2);
await importFile(tiny!);
const before = process.memoryUsage();
const began = performance.now();
const imported = await importFile(path!);
const milliseconds = performance.now() - began;
const peak = process.resourceUsage().maxRSS * 1024 - before.rss;
const after = process.memoryUsage();
const cost: Cost = {
  milliseconds,
  peak,
  kept: after.rss - before.rss,
  arrayBuffers: after.arrayBuffers - before.arrayBuffers,
};
if (imported.network.parameters.size === 0) throw new Error('the network has no parameters');
process.stdout.write(JSON.stringify(cost));
