import { describe, expect, it } from 'vitest';
import { modelFile, readLog, shippedModels } from '../../../models/log.js';
import { imageNotes, statedScaling } from '../../../src/cli/scaling/stated.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { encodeModel } from '../../../src/onnx/codec.js';
import { readModel } from '../../../src/onnx/file.js';
import { DataType, type Model, type Node } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { float32 } from '../../../src/runtime/host.js';
import { openSession } from '../../../src/runtime/session.js';

type Step = [op: string, values: number[], first?: boolean];

/** x [n, 3, 2, 2] through steps with one stored operand each, then a Relu and a second consumer-free tail. */
function chain(steps: Step[], metadata: Record<string, string> = {}): Model {
  const nodes: Node[] = [];
  let value = 'x';
  for (const [i, [op, values, first]] of steps.entries()) {
    const inputs = values.length === 0 ? [value] : first ? [`c${i}`, value] : [value, `c${i}`];
    const attributes = op === 'Transpose' ? {} : undefined;
    nodes.push(makeNode(op, inputs, [`v${i}`], attributes));
    value = `v${i}`;
  }
  nodes.push(makeNode('Relu', [value], ['y']));
  const initializers = steps.flatMap(([, values], i) =>
    values.length === 0
      ? []
      : [makeTensor(`c${i}`, DataType.FLOAT, values.length === 1 ? [] : [values.length, 1, 1], values)],
  );
  const graph = makeGraph({
    nodes,
    initializers,
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', 3, 2, 2])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['n', 3, 2, 2])],
  });
  return makeModel(graph, { metadata });
}

/** What a pixel of value `p` becomes. */
const fed = (model: Model, p: number) => {
  const { mean, std } = statedScaling(model)!.normalization;
  return (p / 255 - mean[0]!) / std[0]!;
};

describe('what a file states', () => {
  it.each(shippedModels())('is read from our own: %s', async (name) => {
    expect(statedScaling(await readModel(modelFile(name)))).toMatchObject({
      normalization: readLog(name).normalization,
    });
  });

  it.each([
    ['NominalRange_0_255', 0, 255],
    ['Normalized_0_1', 0, 1],
    ['Normalized_1_1', -1, 1],
    ['NominalRange_16_235', 16, 235],
  ])('is read from the image metadata of ONNX: %s', (range, black, white) => {
    const model = chain([], { 'Image.NominalPixelRange': range });
    expect(fed(model, 0)).toBeCloseTo(black, 5);
    expect(fed(model, 255)).toBeCloseTo(white, 5);
  });

  it('includes an order of colours that is not ours', () => {
    expect(imageNotes(chain([], { 'Image.BitmapPixelFormat': 'Bgr8' })).join()).toMatch(/blue, green, red/);
    expect(imageNotes(chain([], { 'Image.BitmapPixelFormat': 'Rgb8' }))).toEqual([]);
  });

  it.each<[string, Step[]]>([
    ['Rescaling(1/255)', [['Mul', [1 / 255]]]],
    [
      'Rescaling(1/127.5, -1)',
      [
        ['Mul', [1 / 127.5]],
        ['Add', [-1]],
      ],
    ],
    [
      'x / 255, channels turned',
      [
        ['Transpose', []],
        ['Div', [255]],
      ],
    ],
    [
      'ImageNet in bytes',
      [
        ['Sub', [123.675, 116.28, 103.53]],
        ['Div', [58.395, 57.12, 57.375]],
      ],
    ],
    ['x + (-mean)', [['Add', [-103.9, -116.8, -123.7]]]],
    ['a constant on the left', [['Mul', [1 / 255], true]]],
  ])('is seen in a graph that scales pixels on 0..255 itself: %s', async (_, steps) => {
    const model = chain(steps);
    expect([fed(model, 0), fed(model, 255)].map((v) => Math.round(v))).toEqual([0, 255]);
    await openSession(encodeModel(model)).then((session) => session.release()); // and it is a graph
  });

  it('is seen in a graph that normalizes pixels on 0..1: fed so, black becomes -mean / std', async () => {
    const model = chain([
      ['Sub', [0.485, 0.456, 0.406]],
      ['Div', [0.229, 0.224, 0.225]],
    ]);
    expect([fed(model, 0), fed(model, 255)]).toEqual([0, 1]);
    const session = await openSession(encodeModel(model));
    const { y } = await session.run({ x: float32([1, 3, 2, 2], new Float32Array(12).fill(fed(model, 255))) });
    expect((y!.data as Float32Array)[0]).toBeCloseTo((1 - 0.485) / 0.229, 4);
    await session.release();
  });

  it.each<[string, Step[]]>([
    ['nothing', []],
    ['a gain', [['Mul', [2]]]],
    ['a large gain', [['Mul', [255]]]],
    ['255 / x', [['Div', [255], true]]],
    ['100 - x', [['Sub', [100], true]]],
    ['one small factor among others', [['Mul', [1 / 255, 1, 1]]]],
  ])('is nothing for %s', (_, steps) => {
    expect(statedScaling(chain(steps))).toBeUndefined();
  });

  it('is nothing where the metadata are of somebody else', () => {
    for (const text of ['{', '{}', '{"scale":"0..255","mean":[1],"std":[1]}'])
      expect(statedScaling(chain([], { 'temper.input': text }))).toBeUndefined();
    expect(statedScaling(chain([], { 'Image.NominalPixelRange': 'warm' }))).toBeUndefined();
  });
});
