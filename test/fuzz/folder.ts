/** The folder in which a file is loaded: external data beside it, and what external data must not be. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedModels } from '../../bench/machine.js';

export function makeFolder(): string {
  const outer = mkdtempSync(join(tmpdir(), 'temper-fuzz-'));
  const folder = join(outer, 'model');
  mkdirSync(join(folder, 'folder'), { recursive: true });
  writeFileSync(join(outer, 'weights.bin'), new Uint8Array(4096));
  writeFileSync(
    join(folder, 'weights.bin'),
    Uint8Array.from({ length: 4096 }, (_, i) => i & 127),
  );
  symlinkSync(join(outer, 'weights.bin'), join(folder, 'link.bin'));
  // Where there is no mkfifo, no model can bring a pipe either.
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  const external = join(sharedModels, 'external-data');
  for (const name of existsSync(external) ? readdirSync(external) : [])
    if (name.endsWith('.data')) copyFileSync(join(external, name), join(folder, name));
  return folder;
}
