/** What models/train.ts writes down beside each model, read back and checked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { FinetuneSettings } from '../src/index.js';

const folder = dirname(fileURLToPath(import.meta.url));

const logSchema = z.object({
  name: z.string(),
  data: z.enum(['mnist', 'cifar10']),
  seed: z.int(),
  normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
  skip: z.int().default(0),
  settings: z.custom<FinetuneSettings>((value) => typeof value === 'object' && value !== null),
  restart: z.custom<FinetuneSettings>((value) => typeof value === 'object' && value !== null).optional(),
  testAccuracy: z.number().min(0).max(1),
  bytes: z.int(),
  sha256: z.string().length(64),
  epochs: z.array(z.object({ epoch: z.int() })).min(1),
});
export type TrainingLog = z.infer<typeof logSchema>;

export const modelFile = (name: string) => join(folder, `${name}.onnx`);
export const logFile = (name: string) => join(folder, 'logs', `${name}.json`);

export function readLog(name: string): TrainingLog {
  return logSchema.parse(JSON.parse(readFileSync(logFile(name), 'utf8')));
}

/** Names of all models that have been trained, in alphabetical order. */
export function trainedModels(): string[] {
  return namesIn('logs', '.json');
}

/** Names of all models that lie in models/, in alphabetical order. */
export function shippedModels(): string[] {
  return namesIn('.', '.onnx');
}

function namesIn(below: string, extension: string): string[] {
  const path = join(folder, below);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith(extension))
    .map((file) => basename(file, extension))
    .sort();
}
