/** Elementwise kernels of tfjs in ONNX. Where the names differ or a composition is needed, the line says which. */
import { int32 } from '../../int32.js';
import {
  defineKernel,
  type KernelDefinition,
  type Lowering,
  like,
  type ProgramType,
  type Value,
} from '../kernel.js';
import { onnxTypes } from '../recorder.js';
import { binary } from '../rewrite.js';
import { commonShape } from '../shapes.js';

/** tfjs kernel name -> ONNX operator of one input, x, and the same shape and type. */
const unaryOperators = {
  Abs: 'Abs',
  Neg: 'Neg',
  Exp: 'Exp',
  Log: 'Log',
  Sqrt: 'Sqrt',
  Reciprocal: 'Reciprocal',
  Erf: 'Erf',
  Sin: 'Sin',
  Cos: 'Cos',
  Tan: 'Tan',
  Sinh: 'Sinh',
  Cosh: 'Cosh',
  Tanh: 'Tanh',
  Asin: 'Asin',
  Acos: 'Acos',
  Atan: 'Atan',
  Asinh: 'Asinh',
  Acosh: 'Acosh',
  Atanh: 'Atanh',
  Floor: 'Floor',
  Ceil: 'Ceil',
  Round: 'Round',
  Sigmoid: 'Sigmoid',
  Softplus: 'Softplus',
  Relu: 'Relu',
  Elu: 'Elu',
  Selu: 'Selu',
  LogicalNot: 'Not',
} as const;

/** tfjs kernel name -> ONNX operator of two inputs, a and b, that broadcasts as tfjs does. */
const binaryOperators = {
  Add: 'Add',
  Sub: 'Sub',
  Multiply: 'Mul',
  RealDiv: 'Div',
  Maximum: 'Max',
  Minimum: 'Min',
  Pow: 'Pow',
} as const;

const comparisons = {
  Equal: 'Equal',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
  LogicalAnd: 'And',
  LogicalOr: 'Or',
  LogicalXor: 'Xor',
} as const;

export function pair(at: Lowering): { a: Value; b: Value; shape: number[] } {
  const a = at.input('a');
  const b = at.input('b');
  return { a, b, shape: commonShape(a.shape, b.shape) };
}

const unary = Object.entries(unaryOperators).map(([name, opType]) =>
  defineKernel({
    name,
    lower(at) {
      const x = at.input('x');
      if (x.dtype === 'int32' && integerIdentity.has(name)) return x;
      const operand = ofIntegers.has(name) ? x : castTo(at, x, 'float32');
      return at.node(opType, [operand], like(operand));
    },
  }),
);
const integerIdentity = new Set(['Floor', 'Ceil', 'Round']);
/** These keep the type; the others are of floats only. */
const ofIntegers = new Set(['Abs', 'Neg', 'Relu', 'LogicalNot']);

export function castTo(at: Lowering, x: Value, dtype: ProgramType): Value {
  return x.dtype === dtype ? x : at.node('Cast', [x], like(x, dtype), { to: onnxTypes[dtype] });
}

/** 0 where x is NaN: ONNX's Sign is NaN there. */
const sign = defineKernel({
  name: 'Sign',
  lower(at) {
    const x = at.input('x');
    const signs = at.node('Sign', [x], like(x));
    if (x.dtype !== 'float32') return signs;
    return at.node('Where', [at.node('IsNaN', [x], like(x, 'bool')), at.constant(0), signs], like(x));
  },
});

const arithmetic = Object.entries(binaryOperators).map(([name, opType]) =>
  defineKernel({
    name,
    lower(at) {
      const { a, b, shape } = pair(at);
      return binary(at.recorder, opType, a, b, { shape, dtype: a.dtype });
    },
  }),
);

const relations = Object.entries(comparisons).map(([name, opType]) =>
  defineKernel({
    name,
    lower(at) {
      const { a, b, shape } = pair(at);
      return binary(at.recorder, opType, a, b, { shape, dtype: 'bool' });
    },
  }),
);

const notEqual = defineKernel({
  name: 'NotEqual',
  lower(at) {
    const { a, b, shape } = pair(at);
    return at.node('Not', [binary(at.recorder, 'Equal', a, b, { shape, dtype: 'bool' })], {
      shape,
      dtype: 'bool',
    });
  },
});

const squaredDifference = defineKernel({
  name: 'SquaredDifference',
  lower(at) {
    const { a, b, shape } = pair(at);
    const difference = binary(at.recorder, 'Sub', a, b, { shape, dtype: a.dtype });
    return at.node('Mul', [difference, difference], like(difference));
  },
});

/** floor(a / b). ONNX divides integers towards zero; without the remainder, which has b's sign, nothing is rounded. */
const floorDiv = defineKernel({
  name: 'FloorDiv',
  lower(at) {
    const { a, b, shape } = pair(at);
    const out = { shape, dtype: a.dtype };
    if (a.dtype !== 'int32') return at.node('Floor', [binary(at.recorder, 'Div', a, b, out)], out);
    const whole = at.node('Sub', [a, at.node('Mod', [a, b], out)], out);
    return at.node('Div', [whole, b], out);
  },
});

/** a - floor(a / b) * b for floats, as tfjs defines Mod; ONNX's integer Mod already has the divisor's sign. */
const mod = defineKernel({
  name: 'Mod',
  lower(at) {
    const { a, b, shape } = pair(at);
    const out = { shape, dtype: a.dtype };
    if (a.dtype === 'int32') return at.node('Mod', [a, b], out);
    const whole = at.node('Floor', [binary(at.recorder, 'Div', a, b, out)], out);
    return binary(at.recorder, 'Sub', a, binary(at.recorder, 'Mul', whole, b, out), out);
  },
});

/**
 * The angle of the point (b, a): atan(a / b), half a turn further where b < 0, and a quarter turn on the axis b = 0.
 * Zeros count as positive.
 */
const atan2 = defineKernel({
  name: 'Atan2',
  lower(at) {
    const { a, b, shape } = pair(at);
    const out = { shape, dtype: a.dtype };
    const negative = (x: Value) => at.node('Less', [x, at.constant(0)], like(x, 'bool'));
    const choose = (where: Value, yes: Value, no: Value) => at.node('Where', [where, yes, no], out);
    const steep = at.node('Atan', [binary(at.recorder, 'Div', a, b, out)], out);
    const half = choose(negative(a), at.constant(-Math.PI), at.constant(Math.PI));
    const turned = at.node('Add', [steep, choose(negative(b), half, at.constant(0))], out);
    const quarter = at.node('Mul', [at.node('Sign', [a], like(a)), at.constant(Math.PI / 2)], like(a));
    const upright = at.node('Equal', [b, at.constant(0)], like(b, 'bool'));
    return choose(upright, quarter, turned);
  },
});

const addN = defineKernel({
  name: 'AddN',
  lower(at) {
    return at.list().reduce((sum, value) => binary(at.recorder, 'Add', sum, value, like(value)));
  },
});

const square = defineKernel({
  name: 'Square',
  lower: (at) => at.node('Mul', [at.input('x'), at.input('x')], like(at.input('x'))),
});

const rsqrt = defineKernel({
  name: 'Rsqrt',
  lower: (at) =>
    at.node('Reciprocal', [at.node('Sqrt', [at.input('x')], like(at.input('x')))], like(at.input('x'))),
});

/** log(1 + x) and exp(x) - 1 lose digits near 0 when composed; ONNX has no operators of their own for them. */
const log1p = defineKernel({
  name: 'Log1p',
  lower: (at) =>
    at.node(
      'Log',
      [at.node('Add', [at.input('x'), at.constant(1)], like(at.input('x')))],
      like(at.input('x')),
    ),
});
const expm1 = defineKernel({
  name: 'Expm1',
  lower: (at) =>
    at.node(
      'Sub',
      [at.node('Exp', [at.input('x')], like(at.input('x'))), at.constant(1)],
      like(at.input('x')),
    ),
});

const clip = defineKernel({
  name: 'ClipByValue',
  lower(at) {
    const x = at.input('x');
    // A bound that an int32 cannot hold is no bound; written into one it would wrap around.
    const bound = (value: number) =>
      at.constant(
        x.dtype === 'int32' ? Math.min(int32.highest, Math.max(int32.lowest, value)) : value,
        [],
        x.dtype,
      );
    return at.node('Clip', [x, bound(at.attrs.clipValueMin), bound(at.attrs.clipValueMax)], like(x));
  },
});

const isNan = defineKernel({
  name: 'IsNan',
  lower: (at) => at.node('IsNaN', [at.input('x')], like(at.input('x'), 'bool')),
});
const infinite = defineKernel({
  name: 'IsInf',
  lower: (at) => at.node('IsInf', [at.input('x')], like(at.input('x'), 'bool')),
});
const finite = defineKernel({
  name: 'IsFinite',
  lower(at) {
    const x = at.input('x');
    const bool = like(x, 'bool');
    return at.node(
      'Not',
      [at.node('Or', [at.node('IsNaN', [x], bool), at.node('IsInf', [x], bool)], bool)],
      bool,
    );
  },
});

const cast = defineKernel({
  name: 'Cast',
  lower(at) {
    const x = at.input('x');
    const { dtype } = at.attrs;
    if (!(dtype in onnxTypes)) throw new Error(`Cast to ${dtype} cannot be recorded`);
    return castTo(at, x, dtype);
  },
});

export const elementwiseKernels: KernelDefinition[] = [
  ...unary,
  ...arithmetic,
  ...relations,
  sign,
  notEqual,
  squaredDifference,
  floorDiv,
  mod,
  atan2,
  addN,
  square,
  rsqrt,
  log1p,
  expm1,
  clip,
  isNan,
  infinite,
  finite,
  cast,
];
