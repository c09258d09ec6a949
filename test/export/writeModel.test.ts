import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exportModel } from '../../src/export/exportModel.js';
import { writeExport } from '../../src/export/writeExport.js';
import { writeModel } from '../../src/export/writeModel.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { openSession } from '../../src/runtime/session.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'temper-proof-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const square = (name: string, dataType: number = DataType.FLOAT): Tensor =>
  makeTensor(
    name,
    dataType,
    [4, 4],
    Array.from({ length: 16 }, (_, i) => Math.sin(i)),
  );

function net(nodes: Node[], initializers: Tensor[]): Model {
  const graph = makeGraph({
    nodes,
    initializers,
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', 4])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['n', 4])],
  });
  return makeModel(graph, { opset: 17, irVersion: 8 });
}

const sound = net([makeNode('MatMul', ['x', 'w'], ['y'])], [square('w')]);

/** Each is refused by onnxruntime. */
const broken: [string, Model][] = [
  [
    'equal node names',
    net(
      [
        makeNode('MatMul', ['x', 'w'], ['h'], {}, { name: 'same' }),
        makeNode('Relu', ['h'], ['y'], {}, { name: 'same' }),
      ],
      [square('w')],
    ),
  ],
  [
    'a value made twice',
    net([makeNode('MatMul', ['x', 'w'], ['y']), makeNode('Relu', ['x'], ['w'])], [square('w')]),
  ],
  [
    'an operator without a kernel for double',
    net(
      [
        makeNode('Cast', ['x'], ['d'], { to: DataType.DOUBLE }),
        makeNode('Selu', ['d'], ['e']),
        makeNode('HardSwish', ['e'], ['f']),
        makeNode('Cast', ['f'], ['y'], { to: DataType.FLOAT }),
      ],
      [],
    ),
  ],
];

it.each(broken)(
  '%s: nothing is written, unless the source was no better, which is said',
  async (_, model) => {
    const [good, bad, out] = ['good.onnx', 'bad.onnx', 'out.onnx'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(good, encodeModel(sound));
    writeFileSync(bad, encodeModel(model));
    for (const source of [undefined, good])
      await expect(writeModel(out, model, { source })).rejects.toMatchObject({ kind: 'model' });
    expect(readdirSync(folder).sort()).toEqual(['bad.onnx', 'good.onnx']);
    const notes: string[] = [];
    await writeModel(out, model, { source: bad, note: (text) => notes.push(text) });
    expect(notes).toEqual([expect.stringMatching(/bad\.onnx: .*nor can it load .*out\.onnx$/)]);
    expect(await readModel(out)).toEqual(model);
  },
);

it('a pass over a value made twice is refused before work', () => {
  expect(() => exportModel(broken[1]![1], { bits: 8 })).toThrow(/value "w".*|made twice/);
  expect(() => exportModel(broken[1]![1])).not.toThrow();
  // onnxruntime opens a file that stores two tensors of one name, and takes one of them.
  const { graph } = sound;
  const stored = {
    ...sound,
    graph: { ...graph, initializers: [...graph.initializers, ...graph.initializers] },
  };
  expect(() => exportModel(stored, { bits: 8 })).toThrow(/made twice/);
});

it('new names keep clear of every name there is: values, nodes, bodies', async () => {
  const body = makeGraph({
    nodes: [makeNode('Identity', ['x'], ['w_scale'], {}, { name: 'w_dequantize_1' })],
    inputs: [],
    outputs: [tensorInfo('w_scale', DataType.FLOAT)],
  });
  const other = makeGraph({
    nodes: [makeNode('Identity', ['h'], ['other'])],
    inputs: [],
    outputs: [tensorInfo('other', DataType.FLOAT)],
  });
  const nodes = [
    makeNode('Relu', ['x'], ['w_codes'], {}, { name: 'w_dequantize' }),
    makeNode('MatMul', ['w_codes', 'w'], ['h']),
    makeNode('If', ['yes'], ['y'], { then_branch: { graph: body }, else_branch: { graph: other } }),
  ];
  const model = net(nodes, [square('w'), makeTensor('yes', DataType.BOOL, [], [0])]);
  const out = join(folder, 'out.onnx');
  await writeExport(out, exportModel(model, { bits: 8 }));
  expect(existsSync(out)).toBe(true);
  const session = await openSession(out, { threads: 1 });
  expect(session.outputNames).toEqual(['y']);
  await session.release();
});
