/** Messages name a node alike, whoever speaks: import, mapping, export, the checks before anything is opened. */
import { expect, it } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { foldBatchNorm } from '../../src/export/foldBatchNorm.js';
import { liftOpset } from '../../src/export/lift/lift.js';
import { checkModel } from '../../src/import/check.js';
import { crossbarTensors } from '../../src/mapping/crossbar.js';
import { surveyNodes } from '../../src/network/survey.js';
import { makeGraph, tensorInfo } from '../../src/onnx/build.js';
import { extremeProblems } from '../../src/onnx/extremes.js';
import { inlineFunctions } from '../../src/onnx/inline.js';
import { nodeLabels, operatorAt, operatorName } from '../../src/onnx/label.js';
import { DataType, type Model, type Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { walkNodes } from '../../src/onnx/walk.js';
import { model, node, weight } from '../network/onnxModels.js';

const branch = (nodes: Node[]) => ({
  graph: makeGraph({
    nodes,
    inputs: [],
    outputs: [tensorInfo(nodes.at(-1)?.outputs[0] ?? '', DataType.FLOAT)],
  }),
});

/** y = yes ? inner(x) : x W */
const within = (inner: Node, opset = 17): Model =>
  model(
    ['n', 4],
    [
      node('If', ['yes'], ['y'], {
        then_branch: branch([inner]),
        else_branch: branch([node('MatMul', ['x', 'w'], ['b'])]),
      }),
    ],
    [
      weight('w', [4, 4]),
      ...['g', 'h', 'm', 'v'].map((name) => weight(name, [4])),
      makeTensor('yes', DataType.BOOL, [], [1]),
    ],
    opset,
  );

const inThen = (operator: string, output = 'a') =>
  `node #0 (${operator}) -> ${output} in then_branch of node #0 (If) -> y`;

function problemsOf(run: () => unknown): readonly (string | undefined)[] {
  try {
    run();
  } catch (error) {
    if (error instanceof TemperError) return error.problems.map(({ where }) => where);
    throw error;
  }
  return [];
}

it('names what stands in a body by the body, in every stage', () => {
  const odd = within(node('NoSuchThing', ['x'], ['a']));
  expect(checkModel(odd).map(({ where }) => where)).toEqual([inThen('NoSuchThing')]);
  expect(surveyNodes(odd).map(({ label }) => label)).toContain(inThen('NoSuchThing'));
  expect(problemsOf(() => liftOpset({ ...odd, opsetImport: [{ domain: '', version: 8 }] }, 13))).toEqual([
    inThen('NoSuchThing'),
  ]);
  const large = within(node('DepthToSpace', ['x'], ['a'], { blocksize: 2 ** 40 }));
  expect(extremeProblems(large).map(({ where }) => where)).toEqual([inThen('DepthToSpace')]);
  const normalized = within(node('BatchNormalization', ['x', 'g', 'h', 'm', 'v'], ['a']));
  expect(foldBatchNorm(normalized).kept.map(({ label }) => label)).toEqual([inThen('BatchNormalization')]);
  const layer = within(node('MatMul', ['x', 'w'], ['a']));
  expect(crossbarTensors(layer)).toMatchObject([
    { nodes: [inThen('MatMul'), 'node #0 (MatMul) -> b in else_branch of node #0 (If) -> y'] },
  ]);
});

it('places every node, also those of bodies in bodies and those that files hold out of order', () => {
  const outer = within(
    node('If', ['yes'], ['a'], {
      then_branch: branch([node('Neg', ['x'], ['p'])]),
      else_branch: branch([node('Abs', ['x'], ['q'])]),
    }),
  );
  const late: Model = { ...outer, graph: { ...outer.graph, nodes: [...outer.graph.nodes] } };
  late.graph.nodes.unshift(node('Relu', ['y'], ['z']));
  for (const file of [outer, late]) {
    const { graph, placements } = inlineFunctions(file);
    const labels = [...nodeLabels(file.graph).values()];
    expect(new Set(labels).size).toBe(labels.length);
    expect([...walkNodes(graph)].map((each) => placements.get(each.node)?.label).sort()).toEqual(
      labels.sort(),
    );
  }
});

it('gives domains where they are not those of ONNX', () => {
  const custom = { ...node('Custom', ['x'], ['y']), domain: 'com.example' };
  expect(operatorAt(custom, 3)).toBe('com.example.Custom (opset 3)');
  expect(operatorName({ ...custom, domain: 'ai.onnx' })).toBe('Custom');
});
