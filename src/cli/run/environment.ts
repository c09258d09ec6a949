/** Versions and processor a result depends on: with all of them equal, results are equal bit for bit. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { version } from './version.js';

export interface Environment {
  temper: string;
  onnxruntime: string;
  tfjs: string;
  node: string;
  platform: string;
  cpu: string;
}

export function environment(): Environment {
  return {
    temper: version,
    onnxruntime: packageVersion('onnxruntime-node'),
    tfjs: packageVersion('@tensorflow/tfjs'),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
  };
}

/** package.json is not always among a package's exports: walk up from its main file. */
function packageVersion(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    const manifest = readManifest(join(folder, 'package.json'));
    if (manifest?.name === name) return manifest.version;
    const parent = dirname(folder);
    if (parent === folder) return 'unknown';
    folder = parent;
  }
}

function readManifest(path: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
