/**
 * Follows stored values and activations through a model, in the order in which it computes, and tells of every place where a
 * stored value free of noise meets activations.
 */

import { elementOf } from '../lists/elementOf.js';
import { lookUp } from '../lists/lookUp.js';
import { intsAttribute } from '../onnx/attributes.js';
import type { Inlined } from '../onnx/inline.js';
import type { Graph, Node, Tensor } from '../onnx/model.js';
import { subgraphs } from '../onnx/walk.js';
import {
  activation,
  type Content,
  nodeName,
  nothing,
  type Stored,
  storedAttributes,
  storedTensor,
  storedUnion,
  type Trace,
} from './contents.js';
import { controlOutputs } from './control.js';
import { type Fixed, fixedNumbers } from './fixed.js';
import { forks } from './forks.js';
import { layerAxesAfter } from './layerAxes.js';
import { foreign, meetingAt } from './meetings.js';
import { Normalizations } from './normalizations.js';
import { mergeShapes, operandsOf, sideShape } from './operands.js';
import { capturedNames, inOrder, neededNodes, ofShapeAlone, reachedFrom } from './order.js';
import { takenParts } from './parts.js';
import type { Meeting } from './place.js';
import { repeatedAfter } from './repeats.js';
import { reasons, roleOf } from './roles.js';
import { Rotations } from './rotations.js';
import { Scope } from './scope.js';
import { type OperandShapes, outputShape, type Shape } from './shapes.js';
import { wholes } from './slices.js';
import { productsAt, tracesAfter } from './traces.js';

/** Why stored values are refused at a node, and what to do. */
export interface RefusalReason {
  readonly why: string;
  readonly hint: string;
  /** How messages name the node where activations met them, where that is another one. */
  readonly met?: string;
}

/** What is told of each meeting. */
export interface MeetingListener {
  /** Whether chips disturb what is stored in this tensor, or what this node makes. */
  isMapped(source: object): boolean;
  harmless(stored: readonly Stored[], reason: string): void;
  /** A product with numbers that nobody has trained, let pass as digital. */
  fixed(node: Node, label: string, stored: readonly Stored[], reason: string): void;
  refused(node: Node, label: string, stored: readonly Stored[], reason: RefusalReason): void;
  /** A call of a model-local function that cannot be put in place. */
  refusedCall(node: Node, label: string, reason: string): void;
}

/** The values of a graph, and of those around it. */
export class GraphValues {
  readonly #contents = new Map<string, Content>();

  constructor(readonly outer?: GraphValues) {}

  get(name: string): Content {
    return this.#contents.get(name) ?? this.outer?.get(name) ?? nothing;
  }

  set(name: string, content: Content): void {
    this.#contents.set(name, content);
  }
}

/** Shapes that the file declares. */
type Declared = ReadonlyMap<string, Shape>;

export class StoredFlow {
  readonly #inlined: Inlined;
  readonly #declared: Declared;
  /** What was found of the numbers of a tensor. */
  readonly #known = new Map<Tensor, { fixed: Fixed | undefined }>();
  #repeats = 0;

  constructor(
    readonly listener: MeetingListener,
    inlined: Inlined,
  ) {
    this.#inlined = inlined;
    const { graph } = inlined;
    const infos = [...graph.inputs, ...graph.valueInfo, ...graph.outputs];
    this.#declared = new Map(
      infos.map(({ name, tensorType }) => [
        name,
        tensorType?.shape?.map((extent) => (typeof extent === 'number' ? extent : undefined)),
      ]),
    );
  }

  run(): void {
    const { graph } = this.#inlined;
    this.graph(
      graph,
      graph.inputs.map(() => activation),
      undefined,
      undefined,
    );
  }

  /** Whether a body may be followed once more: loops within loops within loops shall not take for ever. */
  mayRepeat(): boolean {
    return this.#repeats++ < mostRepeats;
  }

  /** Contents of the outputs of a graph. `given`: of its inputs. */
  graph(graph: Graph, given: readonly Content[], outer?: NodeContext, within?: Node): Content[] {
    const scope = new Scope(graph, outer?.scope, within);
    const values = new GraphValues(outer?.values);
    graph.inputs.forEach(({ name }, i) => {
      const content = given[i] ?? activation;
      const shape = content.shape ?? (outer ? undefined : this.#declared.get(name));
      values.set(name, { ...content, shape });
    });
    for (const tensor of graph.initializers) {
      values.set(tensor.name, this.#stored(scope, tensor.name, storedTensor(tensor.name, tensor)));
    }
    const begin = [...graph.inputs.map(({ name }) => name), ...capturedNames(graph)];
    const data = reachedFrom(
      graph,
      begin.filter((name) => values.get(name).data),
    );
    const isShared = forks(graph, scope, (name) => data.has(name));
    const normalizations = new Normalizations(graph, (name) => data.has(name), isShared);
    const needed = neededNodes(graph);
    const live: boolean = outer?.live ?? true;
    const rotations = new Rotations(graph, scope, (name) => data.has(name));
    const fixedOf = (name: string) => {
      const origin = scope.find(name);
      return origin?.kind === 'tensor' ? this.#fixed(origin.original) : undefined;
    };
    const at = { scope, values, normalizations, rotations, fixedOf, wholeOf: wholes(graph), isShared, live };
    for (const node of inOrder(graph)) {
      const outputs = this.#node(node, { ...at, live: at.live && needed.has(node) });
      node.outputs.forEach((name, i) => {
        if (name) values.set(name, outputs[i] ?? elementOf(outputs, -1, 'output'));
      });
    }
    return graph.outputs.map(({ name }) => values.get(name));
  }

  #fixed(tensor: Tensor): Fixed | undefined {
    const known = this.#known.get(tensor) ?? { fixed: fixedNumbers(tensor) };
    this.#known.set(tensor, known);
    return known.fixed;
  }

  /** A stored value that chips disturb wherever it is read is no longer free of noise. */
  #stored(scope: Scope, name: string, stored: Stored): Content {
    const origin = scope.find(name);
    const free = origin?.kind !== 'tensor' || !this.listener.isMapped(origin.original);
    return { ...nothing, shape: stored.dims, stored: free ? [stored] : [] };
  }

  #node(node: Node, at: NodeContext): readonly Content[] {
    const { listener } = this;
    const { scope, values } = at;
    if (node.opType === 'Constant') {
      const [attribute] = storedAttributes(node);
      const name = node.outputs[0] ?? '';
      return [attribute ? this.#stored(scope, name, attribute.stored) : nothing];
    }
    const inputs = node.inputs.map((name) => (name ? values.get(name) : nothing));
    const { label, refusal } = lookUp(this.#inlined.placements, node, 'placement of a node');
    const place = { node, label, inputs, ...at };
    if (refusal !== undefined) listener.refusedCall(node, place.label, refusal);
    const bodies = subgraphs(node);
    if (bodies.length > 0) return controlOutputs(place, bodies, this);
    const operands = operandsOf(node, inputs, scope);
    const known = outputShape(node, operands);
    const shape = mergeShapes(known, at.scope.outer ? undefined : this.#declared.get(node.outputs[0] ?? ''));
    const data = inputs.some((content) => content.data) && !ofShapeAlone.has(node.opType);
    const contents: Content = data
      ? this.#mixed(place, { ...operands, result: shape })
      : this.#constant(place, shape);
    return node.outputs.map((name, i) => {
      const traces = takenParts(node, name, operands, contents.traces);
      return { ...contents, traces, shape: i === 0 ? shape : sideShape(node, shape) };
    });
  }

  /** No activation is among the operands: the result is as free of noise as they are. */
  #constant({ node, inputs }: NodePlace, shape: Shape): Content {
    const { listener } = this;
    const own = storedAttributes(node).map(({ stored }) => stored);
    if (randoms.has(node.opType)) {
      own.push({ name: nodeName(node), dims: intsAttribute(node, 'shape') ?? [], isScalar: false });
    }
    const parts = inputs.filter((content, position) => {
      const role = roleOf(node, position);
      const passes = role !== 'shape, axes or indices' && role !== 'quantization';
      if (!passes && role) listener.harmless(content.stored, reasons[role]);
      return passes;
    });
    if (listener.isMapped(node) || ofShapeAlone.has(node.opType)) return { ...nothing, shape };
    const stored = storedUnion([...parts.map((content) => content.stored), own]);
    const joined =
      parts.some((content) => content.joined) ||
      (joining.has(node.opType) && new Set(parts.flatMap((content) => content.stored)).size > 1);
    // An index too: in a body, another one each time.
    const partial = inputs.some((content) => content.partial);
    return { ...nothing, shape, stored, joined, partial };
  }

  /** Activations are among the operands. */
  #mixed(place: NodePlace, operands: OperandShapes): Content {
    const { node, label, inputs, normalizations, live } = place;
    const met = inputs.map((content, position): Content => {
      if (content.data || content.stored.length === 0) return content;
      const meeting = meetingAt(place, position);
      if (live) this.#tell(node, label, content.stored, meeting);
      return 'trace' in meeting && meeting.trace ? { ...content, traces: [meeting.trace] } : content;
    });
    for (const { stored, harmless } of storedAttributes(node)) {
      if (!stored.isScalar && harmless && node.opType === 'Scaler') {
        const kind = stored.name.endsWith('.scale') ? 'scale' : 'shift';
        const trace: Trace = { stored: [stored], where: label, kind, axes: [-1], full: false, wide: false };
        met.push({ ...nothing, traces: [trace] });
      }
      if (!live) continue;
      if (stored.isScalar || harmless) this.listener.harmless([stored], 'parameter of its operator');
      else {
        const reason = { why: 'they are stored as an attribute', hint: foreign(node).hint };
        this.listener.refused(node, label, [stored], reason);
      }
    }
    const normalized = normalizations.normalized(node);
    const exponential = normalizations.isExponential(normalized ?? node.inputs[0] ?? '');
    const operation = { node, inputs: met, operands, normalized, exponential };
    const products = productsAt(operation, () => normalizations.serves(node));
    for (const { trace, how } of live ? products : []) {
      const why = `activations that ${trace.where} ${verbs[trace.kind]} ${how} here`;
      this.listener.refused(node, label, trace.stored, { why, hint: sumHint, met: trace.where });
    }
    return {
      ...activation,
      traces: tracesAfter(operation),
      layerAxes: layerAxesAfter(operation, place.isShared),
      repeated: repeatedAfter(operation),
    };
  }

  #tell(node: Node, label: string, stored: readonly Stored[], meeting: Meeting): void {
    if ('harmless' in meeting) {
      this.listener.harmless(stored, meeting.harmless);
      if (meeting.fixed) this.listener.fixed(node, label, stored, meeting.harmless);
    } else this.listener.refused(node, label, stored, meeting);
  }
}

const mostRepeats = 256;

const sumHint = 'write the product as MatMul or Conv, or keep it on digital hardware (--digital NAME)';

const verbs = {
  scale: 'scales by them',
  shift: 'adds them to',
  distance: 'compares with them',
  beside: 'puts them among',
};

/** Where a node stands. */
export interface NodeContext {
  readonly scope: Scope;
  readonly values: GraphValues;
  readonly normalizations: Normalizations;
  readonly rotations: Rotations;
  readonly fixedOf: (name: string) => Fixed | undefined;
  readonly wholeOf: (name: string) => string;
  readonly isShared: (name: string) => boolean;
  /** Whether an output needs it. */
  readonly live: boolean;
}

export interface NodePlace extends NodeContext {
  readonly node: Node;
  readonly label: string;
  readonly inputs: readonly Content[];
}

/** Operators that make weights of nothing. */
const randoms = new Set(['RandomNormal', 'RandomUniform']);
/** Operators that put numbers beside one another. */
const joining = new Set(
  'Concat Where ScatterND ScatterElements Scatter SequenceConstruct ConcatFromSequence'.split(' '),
);
