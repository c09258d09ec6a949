/** Model-local functions: computed as onnxruntime computes them, and harmful ones refused in bounded time. */
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../src/import/check.js';
import { importModel } from '../../src/import/importModel.js';
import { type AttributeValue, makeAttribute, makeGraph, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { type Attribute, DataType, type LocalFunction, type Model, type Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { model, node, weight } from './onnxModels.js';
import { drawn, expectSameAsRuntime } from './sameAsRuntime.js';

const domain = 'own';

function call(
  name: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, AttributeValue> = {},
): Node {
  return makeNode(name, inputs, outputs, attributes, { domain });
}

function define(
  name: string,
  inputs: string[],
  outputs: string[],
  nodes: Node[],
  parts: Partial<LocalFunction> & { opset?: number } = {},
): LocalFunction {
  const { opset = 17, ...rest } = parts;
  const opsetImport = [
    { domain: '', version: opset },
    { domain, version: 1 },
  ];
  return {
    name,
    domain,
    inputs,
    outputs,
    nodes,
    attributes: [],
    attributeDefaults: [],
    opsetImport,
    ...rest,
  };
}

/** An attribute of a node that takes the value of an attribute of the function. */
function reference(name: string, type: number, refAttrName = name): Attribute {
  return { name, type, refAttrName };
}

function withFunctions(functions: LocalFunction[], ...given: Parameters<typeof model>): Model {
  const made = model(...given);
  return { ...made, functions, opsetImport: [...made.opsetImport, { domain, version: 1 }] };
}

const reasons = (made: Model) => checkModel(made).map(({ what, where }) => `${what} at ${where}`);

describe('local functions', () => {
  it('are computed, nested and with names that the graph uses too', async () => {
    const inner = define(
      'Inner',
      ['a', 'b'],
      ['x'],
      [node('Mul', ['a', 'b'], ['y']), node('Neg', ['y'], ['x'])],
    );
    const outer = define(
      'Outer',
      ['x', 'w'],
      ['out', 'spare'],
      [
        node('MatMul', ['x', 'w'], ['y']),
        call('Inner', ['y', 'y'], ['z']),
        call('Inner', ['z', 'y'], ['out']),
        node('Abs', ['out'], ['spare']),
      ],
    );
    const nodes = [
      call('Outer', ['x', 'w'], ['z', '']),
      call('Outer', ['x', 'w'], ['call0/y', 'a']),
      node('Sum', ['z', 'call0/y', 'a'], ['y']),
    ];
    const made = withFunctions([inner, outer], ['n', 3], nodes, [weight('w', [3, 4])]);
    await expectSameAsRuntime(made, drawn({ x: [2, 3] }));
    expect([...importModel(made).network.parameters.keys()]).toEqual(['w']);
  });

  it('take attributes from the call or their defaults', async () => {
    const leaky: Node = { ...node('LeakyRelu', ['x'], ['y']), attributes: [reference('alpha', 1, 'slope')] };
    const f = define('F', ['x'], ['y'], [leaky], {
      attributeDefaults: [makeAttribute('slope', { float: 0.5 })],
    });
    const g = define('G', ['x'], ['y'], [leaky], { attributes: ['slope'] });
    const nodes = [
      call('F', ['x'], ['a']),
      call('F', ['x'], ['b'], { slope: { float: 0.125 } }),
      call('G', ['x'], ['c']),
      node('Sum', ['a', 'b', 'c'], ['y']),
    ];
    await expectSameAsRuntime(withFunctions([f, g], ['n', 3], nodes), drawn({ x: [2, 3] }));
  });

  it('use references in the graphs of their nodes, and values from around those', async () => {
    const leaky: Node = { ...node('LeakyRelu', ['v'], ['t']), attributes: [reference('alpha', 1)] };
    const branch = (name: string, nodes: Node[]) => ({
      graph: makeGraph({ name, nodes, inputs: [], outputs: [tensorInfo('t', DataType.FLOAT)] }),
    });
    const f = define(
      'F',
      ['x', 'c'],
      ['y'],
      [
        node('Mul', ['x', 'x'], ['v']),
        node('If', ['c'], ['y'], {
          then_branch: branch('one', [leaky]),
          else_branch: branch('two', [node('Neg', ['v'], ['t'])]),
        }),
      ],
      { attributes: ['alpha'] },
    );
    const bool = makeTensor('yes', DataType.BOOL, [], [1]);
    const nodes = [
      node('Not', ['yes'], ['no']),
      call('F', ['x', 'yes'], ['t'], { alpha: { float: 0.25 } }),
      call('F', ['x', 'no'], ['v'], { alpha: { float: 0.75 } }),
      node('Sub', ['t', 'v'], ['y']),
    ];
    await expectSameAsRuntime(withFunctions([f], ['n', 3], nodes, [bool]), drawn({ x: [2, 3] }));
  });

  it('keep the operator set they import', async () => {
    // Until opset 13 axes were an attribute, since then they are an operand.
    const old = define('Old', ['x'], ['y'], [node('Unsqueeze', ['x'], ['y'], { axes: [1] })], { opset: 11 });
    const made = withFunctions([old], ['n', 3], [call('Old', ['x'], ['y'])]);
    expect(reasons(made)).toEqual([]);
    const wrong = define('Old', ['x'], ['y'], [node('Unsqueeze', ['x'], ['y'], { axes: [1] })]);
    expect(reasons(withFunctions([wrong], ['n', 3], [call('Old', ['x'], ['y'])]))).toContain(
      'Unsqueeze (opset 17): attribute "axes" does not exist in opset 17 at node #0 (Unsqueeze) -> y in function Old called by node #0 (own.Old) -> y',
    );
  });

  it('may leave inputs out and hand inputs on', async () => {
    const f = define('F', ['x', 'low', 'high'], ['y', 'x'], [node('Clip', ['x', 'low', 'high'], ['y'])]);
    const high = makeTensor('h', DataType.FLOAT, [], [0.25]);
    const nodes = [
      call('F', ['x', '', 'h'], ['a', 'b']),
      call('F', ['b'], ['c', '']),
      node('Sum', ['a', 'b', 'c'], ['y']),
    ];
    // onnxruntime wants no outputs that are inputs; the same with an Identity is what it computes.
    expect(reasons(withFunctions([f], ['n', 3], nodes, [high]))).toEqual([]);
    const g = define('F', ['x', 'low', 'high'], ['y', 'z'], [...f.nodes, node('Identity', ['x'], ['z'])]);
    await expectSameAsRuntime(withFunctions([g], ['n', 3], nodes, [high]), drawn({ x: [2, 3] }));
  });

  it('are told apart by their overloads', () => {
    const one = define('F', ['x'], ['y'], [node('Relu', ['x'], ['y'])], { overload: 'one' });
    const two = define('F', ['x'], ['y'], [node('NoSuchThing', ['x'], ['y'])], { overload: 'two' });
    const with_ = (overload: string) =>
      reasons(withFunctions([one, two], ['n', 3], [{ ...call('F', ['x'], ['y']), overload }]));
    expect(with_('one')).toEqual([]);
    expect(with_('two')[0]).toMatch(
      /^unsupported operator NoSuchThing \(opset 17\) at .* in function F called by/,
    );
  });

  it('are refused where the call does not fit', () => {
    const f = define('F', ['x'], ['y'], [node('Relu', ['x'], ['y'])]);
    const given = (inner: Node) => reasons(withFunctions([f], ['n', 3], [inner]))[0];
    expect(given(call('F', ['x', 'x'], ['y']))).toMatch(/function F: 2 inputs where the function has 1/);
    expect(given(call('F', ['x'], ['y', 'z']))).toMatch(/function F: 2 outputs where the function has 1/);
    expect(given(call('F', ['x'], ['y'], { k: 1 }))).toMatch(/function F: the function has no attribute "k"/);
    expect(
      reasons(withFunctions([f], ['n', 3], [call('F', ['x', 'x'], ['z']), node('Neg', ['x'], ['y'])])),
    ).toEqual([]);
  });

  it('are refused if they call themselves, at once', () => {
    const f = define('F', ['x'], ['y'], [call('G', ['x'], ['y'])]);
    const g = define('G', ['x'], ['y'], [call('F', ['x'], ['t']), call('F', ['t'], ['y'])]);
    const made = withFunctions([f, g], ['n', 3], [call('F', ['x'], ['y'])]);
    expect(reasons(made)[0]).toMatch(
      /function F: the function calls itself \(F > G > F\) at node #0 \(own\.F\) -> t in/,
    );
  });

  it.each([
    ['nodes', (i: number) => [call(`F${i}`, ['x'], ['t']), call(`F${i}`, ['t'], ['y'])]],
    [
      'unused calls',
      (i: number) => [call(`F${i}`, ['x'], []), call(`F${i}`, ['x'], []), node('Neg', ['x'], ['y'])],
    ],
  ])('are refused if they double and double: %s', (_, body) => {
    const functions = Array.from({ length: 60 }, (_, i) => define(`F${i + 1}`, ['x'], ['y'], body(i)));
    const leaf = define('F0', ['x'], ['y'], [node('Relu', ['x'], ['y'])]);
    const started = performance.now();
    const made = withFunctions([leaf, ...functions], ['n', 3], [call('F60', ['x'], ['y'])]);
    const found = reasons(made);
    expect(performance.now() - started).toBeLessThan(5000);
    if (_ === 'nodes') expect(found[0]).toMatch(/grows beyond 50000 nodes and operands/);
  });

  it('are refused if graphs are handed on and doubled', () => {
    const pass = (i: number) => {
      const branch: Attribute = { name: 'then_branch', type: 5, refAttrName: 'g' };
      const inner: Node = {
        ...node('If', ['c'], ['t']),
        attributes: [branch, { ...branch, name: 'else_branch' }],
      };
      const graph = makeGraph({ nodes: [inner], inputs: [], outputs: [tensorInfo('t', DataType.FLOAT)] });
      return define(`F${i}`, ['c'], ['y'], [call(`F${i + 1}`, ['c'], ['y'], { g: { graph } })], {
        attributes: ['g'],
      });
    };
    const chain = Array.from({ length: 60 }, (_, i) => pass(i));
    const leaf = makeGraph({
      nodes: [node('Neg', ['x'], ['t'])],
      inputs: [],
      outputs: [tensorInfo('t', DataType.FLOAT)],
    });
    const end = {
      ...pass(60),
      nodes: [{ ...node('If', ['c'], ['y']), attributes: pass(60).nodes[0]!.attributes }],
    };
    const bool = makeTensor('c', DataType.BOOL, [], [1]);
    const started = performance.now();
    const made = withFunctions(
      [...chain, end],
      ['n', 3],
      [call('F0', ['c'], ['y'], { g: { graph: leaf } })],
      [bool],
    );
    expect(reasons(made).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
