/**
 * Einsum (ONNX): y[indices of the result] = the product of the operands, each at its own indices, summed over all other
 * indices.
 * Operands are joined one after the other, each pair as a matrix product where an index is summed over.
 */
import * as tf from '@tensorflow/tfjs';
import { string } from '../attributes.js';
import { labelAxes, parseEquation } from '../equation.js';
import { positions } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** A tensor and the names of its axes. */
interface Labelled {
  readonly x: tf.Tensor;
  readonly labels: readonly string[];
}

export const Einsum = defineOperator({
  type: 'Einsum',
  since: [12],
  inputs: ['Inputs*'],
  roles: { Inputs: 'unmapped' },
  attributes: { equation: string('', { required: true }) },
  check({ equation }) {
    const parsed = parseEquation(equation);
    return 'what' in parsed ? [parsed] : [];
  },
  evaluate({ Inputs }, { equation }) {
    const parsed = parseEquation(equation);
    if ('what' in parsed) throw new UnsupportedForm(parsed.what);
    const { operands, result } = labelAxes(
      parsed,
      Inputs.map(({ rank }) => rank),
    );
    const [first, ...rest] = alike(Inputs.map((x, i) => diagonal({ x, labels: operands[i]! })));
    const joined = rest.reduce((a, b, i) => {
      const later = rest.slice(i + 1).flatMap(({ labels }) => labels);
      return join(a, b, new Set([...later, ...result]));
    }, first!);
    return arrange(sumOver(joined, new Set(result)), result);
  },
  gradient: 'yes',
});

/** Axes of the same name are one: what lies on their diagonal stays. */
function diagonal({ x, labels }: Labelled): Labelled {
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice === undefined) return { x, labels };
  const [i, j] = [labels.indexOf(twice), labels.lastIndexOf(twice)];
  const extent = x.shape[i]!;
  if (x.shape[j] !== extent) throw new UnsupportedForm(`index "${twice}" of ${extent} and ${x.shape[j]}`);
  const others = [...x.shape.keys()].filter((axis) => axis !== i && axis !== j);
  const rows = x.transpose([i, j, ...others]).reshape([extent * extent, ...others.map((k) => x.shape[k]!)]);
  const places = positions(extent).map((k) => k * (extent + 1));
  const kept = {
    x: tf.gather(rows, tf.tensor1d(places, 'int32')),
    labels: [i, ...others].map((k) => labels[k]!),
  };
  return diagonal(kept);
}

/** Without the axes of extent 1 that another operand has longer: there is nothing to repeat in a sum of products. */
function alike(operands: readonly Labelled[]): Labelled[] {
  const extents = new Map<string, number>();
  for (const { x, labels } of operands) {
    labels.forEach((label, i) => {
      const [known, extent] = [extents.get(label) ?? 1, x.shape[i]!];
      if (known !== 1 && extent !== 1 && known !== extent)
        throw new UnsupportedForm(`index "${label}" of ${known} and ${extent}`);
      extents.set(label, known === 1 ? extent : known);
    });
  }
  return operands.map(({ x, labels }) => {
    const kept = [...labels.keys()].filter((i) => x.shape[i] === extents.get(labels[i]!));
    return { x: x.reshape(kept.map((i) => x.shape[i]!)), labels: kept.map((i) => labels[i]!) };
  });
}

/** The product, summed over what neither later operands nor the result need. */
function join(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const one = sumOver(a, new Set([...needed, ...b.labels]));
  const other = sumOver(b, new Set([...needed, ...a.labels]));
  const shared = one.labels.filter((label) => other.labels.includes(label));
  const kept = shared.filter((label) => needed.has(label));
  const summed = shared.filter((label) => !needed.has(label));
  const left = one.labels.filter((label) => !shared.includes(label));
  const right = other.labels.filter((label) => !shared.includes(label));
  const labels = [...kept, ...left, ...right];
  const extents = new Map([...axesOf(one), ...axesOf(other)]);
  const size = (list: string[]) => list.reduce((product, label) => product * extents.get(label)!, 1);
  const [stack, rows, columns, inner] = [size(kept), size(left), size(right), size(summed)];
  const shape = labels.map((label) => extents.get(label)!);
  const x = arrange(one, [...kept, ...left, ...summed]);
  const y = arrange(other, [...kept, ...summed, ...right]);
  if (left.length + right.length === 0)
    return { x: x.mul(y).reshape([stack, inner]).sum(1).reshape(shape), labels };
  if (summed.length === 0)
    return {
      x: x
        .reshape([stack, rows, 1])
        .mul(y.reshape([stack, 1, columns]))
        .reshape(shape),
      labels,
    };
  const product = tf.matMul(x.reshape([stack, rows, inner]), y.reshape([stack, inner, columns]));
  return { x: product.reshape(shape), labels };
}

function axesOf({ x, labels }: Labelled): [string, number][] {
  return labels.map((label, i) => [label, x.shape[i]!]);
}

function sumOver({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const gone = [...labels.keys()].filter((i) => !needed.has(labels[i]!));
  if (gone.length === 0) return { x, labels };
  return { x: x.sum(gone), labels: labels.filter((label) => needed.has(label)) };
}

function arrange({ x, labels }: Labelled, order: readonly string[]): tf.Tensor {
  return order.join() === labels.join() ? x : x.transpose(order.map((label) => labels.indexOf(label)));
}
