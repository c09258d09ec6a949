import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { graft, traceStep } from '../../../src/finetune/snn/graft.js';
import { neurons } from '../../../src/neurons/index.js';
import { defineNeuron } from '../../../src/neurons/neuron.js';

it.each(neurons)('traces $name for every operator set from 9 on, with operators that it has', (neuron) => {
  const operators = (opset: number) => new Set(traceStep(neuron, opset).nodes.map((node) => node.opType));
  expect(operators(9).has('GreaterOrEqual')).toBe(false);
  for (const opset of [9, 11, 12, 17, 21]) expect(operators(opset).size).toBeGreaterThan(0);
});

it('reads input, threshold and state, and makes output and next state', () => {
  const { nodes } = traceStep(neurons[0]!, 17);
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const read = new Set(nodes.flatMap((node) => node.inputs).filter((name) => !made.has(name)));
  expect(read).toEqual(new Set(['input', 'threshold', 'potential']));
  expect(made.has('output') && made.has('next/potential')).toBe(true);
});

it('renames every value of a copy', () => {
  const step = traceStep(neurons[0]!, 17);
  const copy = graft(step, (name) => `layer7/${name}`);
  const values = copy.nodes.flatMap((node) => [node.name, ...node.inputs, ...node.outputs]);
  expect(values.every((name) => name.startsWith('layer7/'))).toBe(true);
  expect(traceStep(neurons[0]!, 17)).toEqual(step);
});

it('refuses a step that mixes neurons: it would not fit every shape', () => {
  const mixing = defineNeuron({
    ...neurons[0]!,
    name: 'mixing',
    step: (input, state) => ({ output: tf.sum(input, 0, true), state }),
  });
  expect(() => traceStep(mixing, 17)).toThrow(/mixing is not elementwise/);
});
