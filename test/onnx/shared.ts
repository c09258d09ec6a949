/** Models that are not part of this repository: `../shared` beside it, or the folder named by TEMPER_SHARED. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = process.env.TEMPER_SHARED ?? resolve(import.meta.dirname, '../../../shared');

/** ONNX files below a folder of the shared material; none (and a message) if it is absent. */
export function sharedModels(folder = 'models'): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) {
    console.warn(`skipped: ${path} does not exist (set TEMPER_SHARED)`);
    return [];
  }
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return files.filter((name) => name.endsWith('.onnx')).map((name) => join(path, name));
}
