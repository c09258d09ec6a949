/** Activation functions of tfjs and their gradients in ONNX, and selection. */
import { zip } from '../../lists/zip.js';
import { defineKernel, type KernelDefinition, type Lowering, like, type Value } from '../kernel.js';
import { compact } from '../rewrite.js';
import { broadcastShape, commonShape, sameShape } from '../shapes.js';
import { castTo } from './elementwise.js';

const relu6 = defineKernel({
  name: 'Relu6',
  lower(at) {
    const x = at.input('x');
    return at.node('Clip', [x, at.constant(0, [], x.dtype), at.constant(6, [], x.dtype)], like(x));
  },
});

/**
 * step(x) = 1 if x > 0, else alpha: tfjs asks for it, with alpha 0, in the gradient of Relu. There it is
 * clip(1e38 x, 0, 1), which onnxruntime computes in a third of the time of a comparison and is 0 or 1 for every normal
 * x; and it is taken of relu(x), which the graph holds already, so that x need not be kept.
 */
const step = defineKernel({
  name: 'Step',
  lower(at) {
    const x = at.input('x');
    const alpha = at.attrs.alpha ?? 0;
    if (alpha === 0 && x.dtype === 'float32') {
      const steep = { alpha: { float: 1e38 }, beta: { float: 0 } };
      return at.node('HardSigmoid', [at.node('Relu', [x], like(x))], like(x), steep);
    }
    const positive = at.node('Greater', [x, at.constant(0, [], x.dtype)], like(x, 'bool'));
    const low = at.constant(alpha, [], x.dtype);
    // NaN stays NaN.
    const rest =
      x.dtype === 'float32'
        ? at.node('Where', [at.node('IsNaN', [x], like(x, 'bool')), x, low], like(x))
        : low;
    return at.node('Where', [positive, at.constant(1, [], x.dtype), rest], like(x));
  },
});

/** dy for y >= 0, dy (y + 1) below: the derivative of elu with alpha 1, from its output. */
const eluGrad = defineKernel({
  name: 'EluGrad',
  lower(at) {
    const [dy, y] = [at.input('dy'), at.input('y')];
    const slope = at.node('Add', [at.node('Min', [y, at.constant(0)], like(y)), at.constant(1)], like(y));
    return at.node('Mul', [dy, slope], like(dy));
  },
});

const leakyRelu = defineKernel({
  name: 'LeakyRelu',
  lower(at) {
    const x = castTo(at, at.input('x'), 'float32');
    return at.node('LeakyRelu', [x], like(x), { alpha: { float: at.attrs.alpha } });
  },
});

const prelu = defineKernel({
  name: 'Prelu',
  lower(at) {
    const x = castTo(at, at.input('x'), 'float32');
    return at.node('PRelu', [x, castTo(at, at.input('alpha'), 'float32')], like(x));
  },
});

const softmax = defineKernel({
  name: 'Softmax',
  lower: (at) => at.node('Softmax', [at.input('logits')], like(at.input('logits')), { axis: at.attrs.dim }),
});

const logSoftmax = defineKernel({
  name: 'LogSoftmax',
  lower: (at) =>
    at.node('LogSoftmax', [at.input('logits')], like(at.input('logits')), { axis: at.attrs.axis }),
});

const select = defineKernel({
  name: 'Select',
  lower(at) {
    const [condition, t, e] = [at.input('condition'), at.input('t'), at.input('e')];
    const shape = commonShape(condition.shape, t.shape, e.shape);
    const [is, yes, no] = unexpanded(at, [condition, t, e], shape) as [Value, Value, Value];
    const out = { shape, dtype: t.dtype };
    if (t.dtype !== 'bool') return at.node('Where', [is, yes, no], out);
    // onnxruntime chooses among numbers only.
    const chosen = at.node('And', [is, yes], out);
    return at.node('Or', [chosen, at.node('And', [at.node('Not', [is], like(is)), no], out)], out);
  },
});

/** The operands as they were before tfjs broadcast them, as far as they still broadcast to the shape. */
function unexpanded(at: Lowering, operands: readonly Value[], shape: readonly number[]): Value[] {
  const small = operands.map((operand) => compact(at.recorder, operand));
  // One of full shape is enough.
  for (const whole of [-1, ...operands.keys()]) {
    const some = zip(operands, small).map(([operand, before], i) => (i === whole ? operand : before));
    const common = some.map((value) => value.shape).reduce((a, b) => broadcastShape(a, b) ?? []);
    if (sameShape(common, shape)) return some;
  }
  return [...operands];
}

export const activationKernels: KernelDefinition[] = [
  relu6,
  step,
  eluGrad,
  leakyRelu,
  prelu,
  softmax,
  logSoftmax,
  select,
];
