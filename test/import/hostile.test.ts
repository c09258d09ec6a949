/** Whatever a file asks for, import answers soon: with a network, or with a TemperError that says why not. */
import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../src/cli/inspect/inspection.js';
import { problemText } from '../../src/cli/terminal/problemText.js';
import { TemperError } from '../../src/errors.js';
import { checkModel } from '../../src/import/check.js';
import { importModel } from '../../src/import/importModel.js';
import { makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Node } from '../../src/onnx/model.js';
import { model, weight } from '../network/onnxModels.js';
import { bombs } from './bombs.js';

const file = { path: 'hostile.onnx', bytes: 0, sha256: '' };
/** Far above what they take, far below what the square of their number would. */
const timeout = 20_000;

/** The first reason to refuse a model; '' if it is imported. */
function answer(hostile: Model): string {
  inspectModel(hostile, file);
  try {
    importModel(hostile);
    return '';
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    problemText(error.problems);
    return error.problems[0]!.what;
  }
}

/** Reasons in words of our code tell the reader of a file nothing. */
const accidents = /Cannot read|not a function|Invalid|call stack|undefined|NaN/;

describe('a small file that asks for much', () => {
  it.each(Object.entries(bombs))('%s', { timeout }, (_, bomb) => {
    const before = process.memoryUsage.rss();
    expect(answer(bomb)).not.toMatch(accidents);
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 29);
  });

  it.each([
    'a shape of 2^30 axes',
    'every second of 2^31 elements',
    'padding by 2^30',
    '2^40 columns',
    'no element in 2^40 columns',
    'negative repeats',
    'an axis of 2^40',
  ])('is refused: %s', (name) => {
    expect(answer(bombs[name]!)).not.toBe('');
  });
});

describe('a graph in a circle', () => {
  const circle = [makeNode('Identity', ['b'], ['a']), makeNode('Transpose', ['a'], ['b'])];

  it.each(['MatMul', 'BatchNormalization', 'DequantizeLinear'])('of views before %s is refused', (type) => {
    const layer = makeNode(type, ['x', 'a', 'a', 'a', 'b'].slice(0, type === 'MatMul' ? 2 : 5), ['y']);
    expect(answer(model(['n', 4], [...circle, layer]))).toMatch(/"b" is used before any node makes it/);
  });
});

describe('a hundred thousand', () => {
  const many = <T>(make: (i: number) => T, count = 100_000) =>
    Array.from({ length: count }, (_, i) => make(i));
  const layer = makeNode('MatMul', ['x', 'w'], ['y']);
  const of = (nodes: Node[]) => model(['n', 4], nodes, [weight('w', [4, 4])]);

  it('outputs that nothing makes', { timeout }, () => {
    const hostile = of([layer]);
    hostile.graph.outputs.push(...many((i) => ({ name: `nothing_${i}` })));
    expect(answer(hostile)).toMatch(/made by no node/);
  });

  it('operands that nothing makes', { timeout }, () => {
    expect(answer(of([{ ...layer, inputs: many(() => 'nowhere') }]))).toMatch(
      /used before any node makes it/,
    );
  });

  it('attributes, of one name and of many', { timeout }, () => {
    const odd = many((i) => ({ name: `odd_${i}`, type: 2, i: 1n }));
    const same = many(() => ({ name: 'alpha', type: 1, f: 1 }));
    const gemm = { ...makeNode('Gemm', ['x', 'w'], ['y']), attributes: [...odd, ...same] };
    expect(answer(of([gemm]))).toMatch(/attribute "odd_0" is unknown/);
    expect(answer(of([{ ...gemm, attributes: same }]))).toMatch(/attribute "alpha" is given twice/);
  });

  it('inputs', { timeout }, () => {
    const hostile = of([layer]);
    hostile.graph.inputs.push(...many((i) => tensorInfo(`more_${i}`, DataType.FLOAT, [2]), 50_000));
    expect(answer(hostile)).toBe('');
  });

  it('views between a weight and its layers', { timeout }, () => {
    const views = many((i) => makeNode('Identity', [i === 0 ? 'w' : `v${i}`], [`v${i + 1}`]), 10_000);
    const layers = many((i) => makeNode('MatMul', ['x', 'v10000'], [`unused_${i}`]), 10_000);
    expect(answer(of([...views, ...layers, makeNode('MatMul', ['x', 'v10000'], ['y'])]))).toBe('');
  });

  it('layers of one weight', { timeout }, () => {
    const layers = many((i) => makeNode('MatMul', ['x', 'w'], [`unused_${i}`]));
    expect(answer(of([...layers, layer]))).toBe('');
  });

  it('functions that call the next', { timeout }, () => {
    const hostile = of([layer]);
    const told = { inputs: [], outputs: [], attributes: [], attributeDefaults: [], opsetImport: [] };
    hostile.functions = many((i) => {
      const nodes = [i === 99_999 ? layer : makeNode(`f${i + 1}`, [], [], {}, { domain: 'local' })];
      return { ...told, name: `f${i}`, domain: 'local', nodes };
    });
    expect(answer(hostile)).toBe('');
  });
});

describe('functions that call two others each, a hundred deep', () => {
  const told = { inputs: ['a'], outputs: ['b'], attributes: [], attributeDefaults: [] };
  const call = (i: number) => makeNode(`f${i}`, ['a'], ['b'], {}, { domain: 'local' });
  const hostile = model(['n', 4], [makeNode('f0', ['x'], ['y'], {}, { domain: 'local' })]);
  hostile.functions = Array.from({ length: 200 }, (_, i) => ({
    ...{ ...told, name: `f${i}`, domain: 'local', opsetImport: hostile.opsetImport },
    nodes: [call(i + 1), call((i * 7) % 200), call(i + 1)],
  }));

  it('are refused, each place in a few words', { timeout }, () => {
    inspectModel(hostile, file);
    const problems = checkModel(hostile);
    expect(problems.length).toBeGreaterThan(0);
    for (const { what, where } of problems) {
      expect(what.length).toBeLessThan(1000);
      expect(where?.length ?? 0).toBeLessThan(1000);
    }
  });
});

describe('names that JavaScript objects use themselves', () => {
  it.each(['__proto__', 'constructor', 'toString'])('%s as a value is a name', (name) => {
    const nodes = [makeNode('MatMul', ['x', name], ['y'])];
    expect(answer(model(['n', 4], nodes, [weight(name, [4, 4])]))).toBe('');
  });

  it.each(['__proto__', 'constructor'])(
    '%s as an operator or attribute is as unknown as any other',
    (name) => {
      expect(answer(model(['n', 4], [makeNode(name, ['x'], ['y'])]))).toMatch(`unsupported operator ${name}`);
      const relu = { ...makeNode('Relu', ['x'], ['y']), attributes: [{ name, type: 2, i: 1n }] };
      expect(answer(model(['n', 4], [relu]))).toMatch(`attribute "${name}" is unknown`);
      const { operators } = inspectModel(model(['n', 4], [makeNode(name, ['x'], ['y'])]), file);
      expect(Object.entries(operators)).toEqual([[name, 1]]);
    },
  );
});
