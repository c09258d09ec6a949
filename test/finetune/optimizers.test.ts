import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOptimizer, type OptimizerOptions, optimizers } from '../../src/finetune/optimizers/index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Weights after each step on the loss a w^2 / 2 (gradient a w), from w = 1. */
function descend(
  name: string,
  options: Partial<OptimizerOptions>,
  rates: number[],
  a = 0.5,
  decays = true,
): number[] {
  const optimizer = createOptimizer(name, options);
  let parameter: tf.Tensor = tf.tensor1d([1]);
  let slots: Record<string, tf.Tensor> = Object.fromEntries(
    optimizer.slots.map((slot) => [slot, tf.zeros([1])]),
  );
  return rates.map((rate, step) => {
    const values = optimizer.scalars(rate, step);
    const scalars = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, tf.scalar(value)]));
    const gradient = parameter.mul(a * (optimizer.scalesGradient ? rate : 1));
    const next = optimizer.update({ parameter, gradient, slots, scalars, decays, axis: -1 });
    parameter = next.parameter;
    slots = { ...next.slots };
    return parameter.dataSync()[0]!;
  });
}

const rates = [0.1, 0.1, 0.2, 0.2, 0.05, 0.01];
/** Relative rounding of a handful of float32 operations. */
const digits = 6;

function expectNear(actual: number[], expected: number[]): void {
  for (const [step, value] of actual.entries()) {
    expect(value, `step ${step}`).toBeCloseTo(expected[step]!, digits);
  }
}

describe('sgd', () => {
  it.each([
    { momentum: 0.9, nesterov: false, weightDecay: 0, decoupled: false },
    { momentum: 0.9, nesterov: true, weightDecay: 0.01, decoupled: false },
    { momentum: 0.8, nesterov: false, weightDecay: 0.1, decoupled: true },
    { momentum: 0, nesterov: false, weightDecay: 0.1, decoupled: false },
  ])('follows its recurrence: %o', (options) => {
    let [w, u] = [1, 0];
    const expected = rates.map((rate) => {
      const g = 0.5 * w + (options.decoupled ? 0 : options.weightDecay * w);
      u = options.momentum * u + rate * g;
      const kept = options.decoupled ? w * (1 - rate * options.weightDecay) : w;
      w = kept - (options.nesterov ? options.momentum * u + rate * g : u);
      return w;
    });
    expectNear(descend('sgd', options, rates), expected);
  });

  it('is gradient descent without momentum: (1 - lr a)^n on a quadratic', () => {
    const path = descend('sgd', { momentum: 0, weightDecay: 0 }, [0.1, 0.1, 0.1]);
    expectNear(path, [0.95, 0.95 ** 2, 0.95 ** 3]);
  });

  it('spares a parameter that does not decay', () => {
    const decaying = { momentum: 0, weightDecay: 0.5 };
    expectNear(descend('sgd', decaying, [0.1], 0.5, false), [0.95]);
  });
});

describe('adam', () => {
  it.each([
    { weightDecay: 0, decoupled: true, epsilon: 1e-8 },
    { weightDecay: 0.1, decoupled: true, epsilon: 1e-3 },
    { weightDecay: 0.1, decoupled: false, epsilon: 1e-3 },
  ])('follows the textbook with its bias corrections: %o', (options) => {
    const [b1, b2] = [0.9, 0.999];
    let [w, m, v] = [1, 0, 0];
    const expected = rates.map((rate, step) => {
      const g = 0.5 * w + (options.decoupled ? 0 : options.weightDecay * w);
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g * g;
      const change =
        (rate * m) / (1 - b1 ** (step + 1)) / (Math.sqrt(v / (1 - b2 ** (step + 1))) + options.epsilon);
      w = (options.decoupled ? w * (1 - rate * options.weightDecay) : w) - change;
      return w;
    });
    expectNear(descend('adam', options, rates), expected);
  });

  it('moves by the learning rate in its first step, whatever the gradient', () => {
    for (const a of [1e-3, 1, 1e3]) {
      expect(descend('adam', { weightDecay: 0 }, [0.01], a)[0]).toBeCloseTo(0.99, 4);
    }
  });
});

describe('scaled-adam', () => {
  /** Two output channels of three weights, one a thousand times the other. */
  const weights = tf.tensor2d([1, -2, 2, 1e-3, -2e-3, 2e-3], [2, 3]);

  function firstStep(axis: number, parameter: tf.Tensor = weights): number[] {
    const optimizer = createOptimizer('scaled-adam', { weightDecay: 0 });
    const values = Object.entries(optimizer.scalars(0.01, 0)).map(([key, value]) => [key, tf.scalar(value)]);
    const zeros = () => tf.zerosLike(parameter);
    const { parameter: next } = optimizer.update({
      parameter,
      gradient: tf.onesLike(parameter),
      slots: { mean: zeros(), square: zeros() },
      scalars: Object.fromEntries(values),
      decays: false,
      axis,
    });
    return Array.from(parameter.sub(next).dataSync());
  }

  it("moves each channel by the learning rate times its own root mean square, as Adam's first step is 1", () => {
    const rms = Math.sqrt(3);
    for (const [i, change] of firstStep(0).entries()) {
      const wanted = 0.01 * (i < 3 ? rms : Math.max(1e-3, 1e-3 * rms));
      expect(change / wanted).toBeCloseTo(1, 3);
    }
  });

  it('takes the whole tensor where there are no channels, and lets zeros move', () => {
    const rms = Math.sqrt((9 + 9e-6) / 6);
    for (const change of firstStep(-1)) expect(change / (0.01 * rms)).toBeCloseTo(1, 3);
    for (const change of firstStep(-1, tf.zeros([2]))) expect(change).toBeCloseTo(1e-5, 8);
  });
});

describe('every optimizer', () => {
  it.each(optimizers.map(({ name }) => name))('%s leaves the weights alone at rate 0', (name) => {
    expect(descend(name, {}, [0, 0, 0])).toEqual([1, 1, 1]);
  });

  it('refuses what it does not know, all at once', () => {
    expect(() => createOptimizer('lamb')).toThrow(/unknown optimizer "lamb"[\s\S]*sgd, adam/);
    expect(() => createOptimizer('sgd', { momentum: 1, beta2: 0.9, weightDecay: -1 })).toThrow(
      /momentum 1 is not in[\s\S]*weight decay -1 is negative[\s\S]*sgd has no beta2/,
    );
  });
});
