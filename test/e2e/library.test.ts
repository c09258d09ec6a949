import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { temporaryFolder } from '../data/layouts.js';
import { root } from '../structure/sources.js';
import { build } from './process.js';

it('the examples of the README run as they stand, on the built package', () => {
  build();
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/onnx-temper'), 'junction');
  symlinkSync(join(root, 'models'), join(folder, 'models'), 'junction');
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [printed = '', tried] = [...text.matchAll(/```js\n([^]*?)```/g)].map(([, example], i) => {
    writeFileSync(join(folder, `example${i}.mjs`), example!);
    return execFileSync(process.execPath, [`example${i}.mjs`], { cwd: folder, encoding: 'utf8' });
  });
  expect(tried).toBe('');
  expect(Number(/mean: ([\d.]+)/.exec(printed)?.[1])).toBeGreaterThan(0.9);
  for (const name of ['hardened.onnx', 'crossbar.json']) expect(existsSync(join(folder, name))).toBe(true);
}, 240_000);

it('what onnxruntime refuses is thrown, and not printed as well', () => {
  build();
  const folder = temporaryFolder();
  const shape = makeTensor('shape', DataType.INT64, [2], [7n, -1n]);
  const reshape = makeGraph({
    nodes: [makeNode('Reshape', ['x', 'shape'], ['y'])],
    initializers: [shape],
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', 1])],
    outputs: [{ name: 'y', tensorType: { elemType: DataType.FLOAT } }],
  });
  writeFileSync(join(folder, 'reshape.onnx'), encodeModel(makeModel(reshape)));
  writeFileSync(
    join(folder, 'broken.onnx'),
    encodeModel(makeModel({ ...reshape, outputs: [{ name: 'none' }] })),
  );
  const script = `
    import { openSession } from ${JSON.stringify(new URL('../../dist/runtime/session.js', import.meta.url).href)};
    const session = await openSession('reshape.onnx');
    const x = { type: 'float32', dims: [5, 1], data: new Float32Array(5) };
    await session.run({ x }).catch(({ kind }) => console.log(kind));
    await openSession('broken.onnx').catch(({ kind }) => console.log(kind));`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(ran.stdout).toBe('model\nmodel\n');
  expect(ran.stderr).toBe('');
}, 120_000);
