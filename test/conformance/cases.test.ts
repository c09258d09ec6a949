/** A case that lacks something is no pass, and a wrong answer is a failure. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { afterAll, describe, expect, it } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType } from '../../src/onnx/model.js';
import { checkCase } from './check.js';

const place = mkdtempSync(join(tmpdir(), 'temper-cases-'));
afterAll(() => rmSync(place, { recursive: true }));

/** A case of y = -x and z = |x| with these files in its data set; without files, without one. */
function caseOf(name: string, files: Record<string, number[]>): string {
  const graph = makeGraph({
    nodes: [makeNode('Neg', ['x'], ['y']), makeNode('Abs', ['x'], ['z'])],
    inputs: [tensorInfo('x', DataType.FLOAT, [2])],
    outputs: [tensorInfo('y', DataType.FLOAT, [2]), tensorInfo('z', DataType.FLOAT, [2])],
  });
  const folder = join(place, name);
  const data = join(folder, 'test_data_set_0');
  mkdirSync(Object.keys(files).length > 0 ? data : folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), encodeModel(makeModel(graph, { opset: 17, irVersion: 8 })));
  for (const [file, floatData] of Object.entries(files)) {
    const tensor = { dims: [floatData.length], dataType: DataType.FLOAT, floatData };
    writeFileSync(join(data, `${file}.pb`), onnx.TensorProto.encode(tensor).finish());
  }
  return folder;
}

/** What each engine says; a case that cannot be read throws, which counts for both. */
async function failuresOf(folder: string): Promise<Record<string, string>> {
  return checkCase(folder).then(
    ({ failures }) => failures,
    (error: Error) => ({ compiled: error.message, cpu: error.message }),
  );
}

const whole = { input_0: [1, -2], output_0: [-1, 2], output_1: [1, 2] };

describe('a case', () => {
  it('passes if all outputs are as expected', async () => {
    expect(await failuresOf(caseOf('whole', whole))).toEqual({});
  });

  it.each<[string, Record<string, number[]>, RegExp]>([
    ['without data', {}, /no test_data_set/],
    ['without any output', { input_0: [1, -2] }, /output_0/],
    ['without one of its outputs', { input_0: [1, -2], output_0: [-1, 2] }, /output_1/],
    ['without its input', { output_0: [-1, 2], output_1: [1, 2] }, /input "x"/],
    ['of other values', { ...whole, output_1: [1, 2.01] }, /"z" differs in 1 of 2 values/],
    ['of another shape', { ...whole, output_1: [1] }, /"z" is \[2\], not \[1\]/],
  ])('%s fails on both engines', async (name, files, reason) => {
    const failures = await failuresOf(caseOf(name, files));
    expect(failures).toEqual({ compiled: expect.stringMatching(reason), cpu: expect.stringMatching(reason) });
  });
});
