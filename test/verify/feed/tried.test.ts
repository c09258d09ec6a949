/** A stranger's file, given to the library as a path, ends another process than that of the program that asks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { probeScalings, TemperError, type VerifyOptions, verify } from '../../../src/index.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { encodeModel } from '../../../src/onnx/codec.js';
import { DataType, type Model } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { writeModel } from '../../../src/onnx/writeFile.js';
import { patterns } from '../../finetune/nets.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-tried-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dataset = patterns(8);
const values = dataset.shape.reduce((product, extent) => product * extent, 1);

/** A block of 2^40 pixels, as the default of a function: onnxruntime divides by its square, which is 0 in 64 bits. */
function fatal(): Model {
  const graph = makeGraph({
    nodes: [
      makeNode('Relu', ['x'], ['a']),
      makeNode('Blocks', ['a'], ['blocks'], {}, { name: 'blocks', domain: 'own' }),
      makeNode('Flatten', ['a'], ['flat']),
      makeNode('MatMul', ['flat', 'w'], ['y']),
    ],
    initializers: [makeTensor('w', DataType.FLOAT, [values, 2], new Float32Array(2 * values).fill(0.1))],
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', ...dataset.shape])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['n', 2]), tensorInfo('blocks', DataType.FLOAT)],
  });
  const inner = makeNode('DepthToSpace', ['x'], ['y'], { blocksize: 1 });
  const model = makeModel(graph, { opset: 17, irVersion: 9 });
  return {
    ...model,
    opsetImport: [...model.opsetImport, { domain: 'own', version: 1 }],
    functions: [
      {
        ...{ name: 'Blocks', domain: 'own', inputs: ['x'], outputs: ['y'], attributes: [] },
        nodes: [{ ...inner, attributes: [{ name: 'blocksize', type: 2, refAttrName: 'blocksize' }] }],
        attributeDefaults: [{ name: 'blocksize', type: 2, i: 2n ** 40n }],
        opsetImport: model.opsetImport,
      },
    ],
  };
}
const path = join(folder, 'stranger.onnx');
await writeModel(path, fatal());

async function refusal(options: Pick<VerifyOptions, 'model' | 'rehearse'>) {
  const error = await verify({ dataset, devices: ['gaussian:0.1'], draws: 1, threads: 1, ...options }).then(
    () => undefined,
    (thrown: TemperError) => thrown,
  );
  expect(error).toBeInstanceOf(TemperError);
  return error!.problems[0]!;
}

it('verify tries a path without being asked, and names the node', async () => {
  expect(await refusal({ model: path })).toMatchObject({
    what: expect.stringContaining('ended with SIGFPE when it is opened'),
    where: `node "blocks" (own.Blocks) in ${path}`,
  });
});

it('verify tries bytes when it is asked, within the limits it is given', async () => {
  const { what, where } = await refusal({
    model: encodeModel(fatal()),
    rehearse: { seconds: 60, memory: 1 },
  });
  expect(what).toContain('ended with SIGFPE');
  expect(where).toBe('node "blocks" (own.Blocks) in the model');
});

it('probeScalings tells that the model could not be tried', async () => {
  const { trials, untried } = await probeScalings(path, dataset);
  expect(trials).toEqual([]);
  expect(untried).toContain('ended with SIGFPE');
});
