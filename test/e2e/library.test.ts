import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../data/layouts.js';
import { root } from '../structure/sources.js';
import { build } from './process.js';

it('the example of the README runs as it stands, on the built package', () => {
  build();
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/onnx-temper'), 'junction');
  symlinkSync(join(root, 'models'), join(folder, 'models'), 'junction');
  const [, example] = /```js\n([^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))!;
  writeFileSync(join(folder, 'example.mjs'), example!);
  const printed = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
  expect(Number(/mean: ([\d.]+)/.exec(printed)?.[1])).toBeGreaterThan(0.9);
  for (const name of ['hardened.onnx', 'crossbar.json']) expect(existsSync(join(folder, name))).toBe(true);
}, 120_000);
