/** Every operator: its examples, as files that fix their batch, either run with any other, the same for each example, or are refused. */
import { expect, it } from 'vitest';
import { newestImported } from '../../../src/import/opsets.js';
import { rules, seesShapes } from '../../../src/network/batch/rules.js';
import { operators } from '../../../src/network/operators.js';
import { makeNode } from '../../../src/onnx/build.js';
import { DataType, type Model } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { examplesOf } from '../../contracts/example.js';
import { oneNode } from '../../contracts/oneNode.js';
import { expectSamePerExample } from './exampleWise.js';

/** The first float is fed, or all of them, others are stored; and the batch is axis 0 or 1. */
function variants({ model, floats }: ReturnType<typeof oneNode>): Model[] {
  const data = floats.filter(({ shape }) => shape.length > 0 && !shape.includes(0));
  const fed = data.length > 1 ? [data.slice(0, 1), data] : data.length === 1 ? [data] : [];
  return fed.flatMap((chosen) => {
    const { graph } = model;
    const stored = floats
      .filter((float) => !chosen.includes(float))
      .map(({ name, shape, values }) => makeTensor(name, DataType.FLOAT, shape, values));
    const inputs = graph.inputs.filter(({ name }) => chosen.some((float) => float.name === name));
    const plain = { ...model, graph: { ...graph, inputs, initializers: [...graph.initializers, ...stored] } };
    const first = chosen.length === 1 && chosen[0]!.shape.length > 1;
    return first ? [plain, secondAxisFirst(plain)] : [plain];
  });
}

/** The same graph behind Transposes that swap the first two axes. */
function secondAxisFirst(model: Model): Model {
  const { graph } = model;
  const swapped = graph.inputs.map((info) => {
    const [first, second, ...rest] = info.tensorType!.shape!;
    const shape = [second, first, ...rest];
    return { ...info, name: `${info.name}/swapped`, tensorType: { ...info.tensorType!, shape } };
  });
  const nodes = graph.inputs.map(({ name, tensorType }) =>
    makeNode('Transpose', [`${name}/swapped`], [name], {
      perm: [1, 0, ...[...tensorType!.shape!.keys()].slice(2)],
    }),
  );
  return { ...model, graph: { ...graph, inputs: swapped, nodes: [...nodes, ...graph.nodes] } };
}

/** Examples of each operator; more take long. */
const looked = 2;

it('keeps the examples of every operator apart, or refuses its file', async () => {
  const kept = new Set<string>();
  for (const operator of operators.filter(({ since }) => since[0]! <= newestImported))
    for (const example of examplesOf(operator).slice(0, looked))
      for (const [i, model] of variants(oneNode(operator, example)).entries()) {
        const key = `${operator.type} ${JSON.stringify(example)} ${i}`;
        const outcome = await expectSamePerExample(model, key).catch((cause: Error) => {
          throw new Error(`${key}: ${cause.message}`, { cause });
        });
        if (outcome === 'same') kept.add(operator.type);
      }
  // Others take integers or codes, which are stored here, or mix by what they are.
  expect(kept.size).toBeGreaterThan(100);
});

/** Those that no example can pass apart, or that nobody follows: a file with a fixed batch is refused for them. */
const unfollowed = `Constant ConstantOfShape NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss NonMaxSuppression Range RoiAlign
  HannWindow HammingWindow BlackmanWindow MelWeightMatrix NonZero Unique If Loop Scan`;

it('knows of every operator how examples pass it', () => {
  const known = new Set([...rules.keys(), ...seesShapes, ...unfollowed.split(/\s+/)]);
  expect(operators.map(({ type }) => type).filter((type) => !known.has(type))).toEqual([]);
});
