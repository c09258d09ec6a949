/**
 * Builds an ONNX graph while tfjs code runs: one node per emitted operation, constants as initializers,
 * nested scopes for the branches of an `If`. Equal nodes are recorded once, and dead ones are dropped at the end.
 */

import { elementOf } from '../lists/elementOf.js';
import { type AttributeValue, makeGraph, makeNode, tensorInfo } from '../onnx/build.js';
import { DataType, type Graph, type Node, type Tensor } from '../onnx/model.js';
import { makeTensor, tensorOver } from '../onnx/tensor.js';
import { constantValue, isSplat, type Splat, splatValue, typedFill } from './constants.js';
import { type ProgramType, sizeOf, type Value, type ValueSpec } from './kernel.js';
import { nodeKey, numberText } from './nodeKey.js';
import { pruneNodes, renameValues } from './prune.js';

/** What a recorded value was computed by; rewriting rules look through it. */
export interface ValueDefinition {
  opType: string;
  inputs: readonly (Value | undefined)[];
  attributes: Readonly<Record<string, AttributeValue>>;
}

/** Another way to say a node, if there is one (see blocked/rules.ts). Kernels may also ask for names that ONNX does not have. */
export type NodeRule = (
  recorder: Recorder,
  opType: string,
  inputs: readonly (Value | undefined)[],
  out: ValueSpec,
  attributes: Record<string, AttributeValue>,
) => Value | undefined;

interface RecordedScope {
  nodes: Node[];
  known: Map<string, Value[]>;
}

export const onnxTypes: Record<ProgramType, number> = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  bool: DataType.BOOL,
};

export class Recorder {
  private readonly scopes: RecordedScope[] = [{ nodes: [], known: new Map() }];
  private readonly initializers = new Map<string, Tensor>();
  private readonly parameters: string[] = [];
  private readonly interned = new Map<string, string>();
  private readonly definitions = new Map<string, ValueDefinition>();
  private readonly integers = new Map<string, readonly number[]>();
  private readonly filled = new Map<string, Value>();
  /** Names that callers chose; generated ones keep clear of them. */
  private readonly chosen = new Set<string>();
  private count = 0;

  constructor(private readonly rule?: NodeRule) {}

  input(name: string, spec: ValueSpec): Value {
    this.chosen.add(name);
    return { name, shape: spec.shape, dtype: spec.dtype };
  }

  /** Gives a constant a name of the caller's choice, e.g. a weight that must be found again in the exported model. */
  parameter(name: string, tensor: Tensor, spec: ValueSpec): Value {
    this.initializers.set(name, tensor);
    this.parameters.push(name);
    return this.input(name, spec);
  }

  definition(value: Value): ValueDefinition | undefined {
    return this.definitions.get(value.name);
  }

  /** The node as this recorder's rule would have it; undefined if it has nothing to say. */
  instead(
    opType: string,
    inputs: readonly (Value | undefined)[],
    out: ValueSpec,
    attributes: Record<string, AttributeValue> = {},
  ): Value | undefined {
    return this.rule?.(this, opType, inputs, out, attributes);
  }

  /** What x is an `opType` of: the first input of the node that made it, if it is of that operator. */
  operandOf(x: Value, opType: string): Value | undefined {
    const definition = this.definition(x);
    return definition?.opType === opType ? definition.inputs[0] : undefined;
  }

  /** Records a node with one output. */
  node(
    opType: string,
    inputs: readonly (Value | undefined)[],
    out: ValueSpec,
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): Value {
    return elementOf(this.emit(opType, inputs, [out], attributes, domain), 0, 'output');
  }

  /** Records a node; an equal node recorded before, in this scope or around it, is reused. */
  emit(
    opType: string,
    inputs: readonly (Value | undefined)[],
    outs: readonly ValueSpec[],
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): Value[] {
    // What has no elements needs no computing. (But an int64 made by a Cast is one only for that node.)
    if (opType !== 'Cast' && outs.every(({ shape }) => sizeOf(shape) === 0))
      return outs.map(({ shape, dtype }) => constantValue(typedFill(0, 0, dtype), shape, dtype));
    const [out, ...others] = outs;
    const single = domain === '' && others.length === 0 ? out : undefined;
    const other = single && this.instead(opType, inputs, single, attributes);
    if (other) return [other];
    const names = inputs.map((value) => (value === undefined ? '' : this.use(value)));
    const key = nodeKey(`${domain} ${opType}`, names, outs, attributes);
    const known = key === undefined ? undefined : this.known(key);
    if (known) return known;
    const values = outs.map(({ shape, dtype }) => ({ name: this.fresh(opType), shape, dtype }));
    const made = values.map((value) => value.name);
    const scope = elementOf(this.scopes, -1, 'scope');
    scope.nodes.push(
      makeNode(opType, names, made, attributes, { name: elementOf(made, 0, 'output'), domain }),
    );
    for (const value of values) this.definitions.set(value.name, { opType, inputs, attributes });
    if (key !== undefined) scope.known.set(key, values);
    return values;
  }

  /** The values of an equal node, recorded in this scope or around it. */
  private known(key: string): Value[] | undefined {
    for (const scope of this.scopes) {
      const values = scope.known.get(key);
      if (values) return values;
    }
    return undefined;
  }

  int64(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    const name = this.intern(`int64 ${shape} ${values}`, (fresh) =>
      makeTensor(fresh, DataType.INT64, [...shape], BigInt64Array.from(values, BigInt)),
    );
    this.integers.set(name, values);
    return { name, shape, dtype: 'int32' };
  }

  /** The numbers of a constant made by `int64`. */
  numbers(value: Value): readonly number[] | undefined {
    return this.integers.get(value.name);
  }

  scalar(number: number): Value {
    return splatValue(number, [], 'float32');
  }

  ones(shape: readonly number[]): Value {
    return this.fill(1, shape);
  }

  /** A constant of which every element is `number`; the same one for the same request. */
  fill(number: number, shape: readonly number[]): Value {
    const key = `${number} ${shape}`;
    const known = this.filled.get(key);
    if (known) return known;
    const value = constantValue(new Float32Array(sizeOf(shape)).fill(number), shape, 'float32');
    this.filled.set(key, value);
    return value;
  }

  /** The name under which a node may use this value: constants become initializers here. */
  use(value: Value): string {
    if (isSplat(value)) return this.expandSplat(value);
    if (value.constant === undefined) return value.name;
    const { constant, shape, dtype, name } = value;
    const make = (fresh: string) => tensorOver(fresh, onnxTypes[dtype], shape, constant);
    if (constant.length <= 16)
      return this.intern(`${dtype} ${shape}: ${Array.from(constant, numberText)}`, make);
    return this.intern(`value ${name}`, make);
  }

  /** Records `body` as a graph of its own that sees everything recorded so far. Its outputs are what `body` returns. */
  subgraph(name: string, body: () => readonly Value[]): Graph {
    const scope: RecordedScope = { nodes: [], known: new Map() };
    this.scopes.push(scope);
    try {
      const outputs = body().map((value) => {
        const outputName = this.fresh(`${name}_output`);
        scope.nodes.push(this.copy(value, outputName));
        return { name: outputName, shape: value.shape, dtype: value.dtype };
      });
      return graphOf(name, scope.nodes, [], outputs, []);
    } finally {
      this.scopes.pop();
    }
  }

  /** Ends the recording: a graph with these inputs and outputs, without dead nodes and unused initializers. */
  finish(name: string, inputs: readonly Value[], outputs: Readonly<Record<string, Value>>): Graph {
    const scope = elementOf(this.scopes, 0, 'scope');
    const computed = ({ name: n }: Value) => this.definitions.has(n);
    const renamed = new Map<string, string>();
    for (const [outputName, value] of Object.entries(outputs)) {
      this.chosen.add(outputName);
      if (computed(value) && !renamed.has(value.name)) renamed.set(value.name, outputName);
    }
    // A value of ours that happens to have the name of an output makes way.
    for (const outputName of Object.keys(outputs)) {
      const ours = this.definitions.has(outputName) || [...this.interned.values()].includes(outputName);
      if (ours && !renamed.has(outputName)) renamed.set(outputName, this.fresh('value'));
    }
    const copies: Node[] = [];
    const named = Object.entries(outputs).map(([outputName, value]) => {
      if (renamed.get(value.name) !== outputName) copies.push(this.copy(value, outputName));
      return { name: outputName, shape: value.shape, dtype: value.dtype };
    });
    const outputNames = new Set(Object.keys(outputs));
    const nodes = [
      ...scope.nodes.map((node) => renameValues(node, renamed)),
      ...copies.map((node) => ({ ...node, inputs: node.inputs.map((n) => renamed.get(n) ?? n) })),
    ];
    const given = [...inputs.map((input) => input.name), ...this.parameters];
    const twice = given.find((inputName) => outputNames.has(inputName));
    if (twice !== undefined) throw new Error(`output ${twice} has the name of an input`);
    const initializers = [...this.initializers.values()].map((tensor) => ({
      ...tensor,
      name: renamed.get(tensor.name) ?? tensor.name,
    }));
    return graphOf(name, nodes, inputs, named, initializers);
  }

  /** An ONNX graph may only return what a node of its own computes. */
  private copy(value: Value, outputName: string): Node {
    return makeNode('Identity', [this.use(value)], [outputName], {}, { name: outputName });
  }

  private expandSplat(value: Splat): string {
    const scalar = constantValue(typedFill(value.splat, 1, value.dtype), [], value.dtype);
    if (value.shape.length === 0) return this.use(scalar);
    if (sizeOf(value.shape) === 0)
      return this.use({ ...scalar, shape: value.shape, constant: typedFill(0, 0, value.dtype) });
    return this.node('Expand', [scalar, this.int64(value.shape)], value).name;
  }

  private fresh(stem: string): string {
    let name = `${stem}_${++this.count}`;
    while (this.chosen.has(name)) name = `${stem}_${++this.count}`;
    return name;
  }

  private intern(key: string, make: (name: string) => Tensor): string {
    const known = this.interned.get(key);
    if (known) return known;
    const name = this.fresh('c');
    this.initializers.set(name, make(name));
    this.interned.set(key, name);
    return name;
  }
}

function graphOf(
  name: string,
  nodes: Node[],
  inputs: readonly Value[],
  outputs: readonly Value[],
  initializers: Tensor[],
): Graph {
  const info = ({ name: n, dtype, shape }: Value) => tensorInfo(n, onnxTypes[dtype], [...shape]);
  return pruneNodes(
    makeGraph({ name, nodes, initializers, inputs: inputs.map(info), outputs: outputs.map(info) }),
  );
}
