/**
 * A model of an older operator set in the terms of a newer one, computing the same: quantized weights need operators the
 * old set does not have (int8 per channel: 13, int4: 21). What cannot be lifted is refused, all of it at once.
 */
import { type Problem, TemperError } from '../../errors.js';
import { lookUp } from '../../lists/lookUp.js';
import { intAttribute } from '../../onnx/attributes.js';
import { nodeLabels, operatorName } from '../../onnx/label.js';
import { DataType, type Graph, type Model, type Node } from '../../onnx/model.js';
import { type FreshName, freshNames } from '../../onnx/names.js';
import { isStandard, opsetVersion, subgraphs, walkNodes } from '../../onnx/walk.js';
import { changes } from './changes.js';
import { LiftSite } from './site.js';

/** onnxruntime runs no older one either. */
const oldest = 7;
const newest = 21;

/** The IR version that came with an operator set, for those we lift to (onnx/docs/Versioning.md). */
function irVersionOf(opset: number): number {
  if (opset >= 21) return 10;
  if (opset >= 19) return 9;
  return opset >= 15 ? 8 : 7;
}

/**
 * The model with operator set `target` (at most 21); itself if it has that or a newer one. Value names stay.
 * Throws TemperError('model') with every node that cannot be lifted.
 */
export function liftOpset(model: Model, target: number): Model {
  const version = opsetVersion(model);
  if (version >= target) return model;
  const problems = objections(model, version, target);
  const onlyFloat32 = !mentionsOtherFloats(model);
  const lift = new Lift(version, target, model.graph, problems, onlyFloat32);
  const graph = lift.graph(model.graph, undefined);
  if (problems.length > 0) throw new TemperError('model', problems);
  const opsetImport = model.opsetImport.map((set) =>
    set.domain === '' || set.domain === 'ai.onnx' ? { ...set, version: target } : set,
  );
  return raiseIrVersion({ ...model, opsetImport, graph }, irVersionOf(target));
}

/**
 * The model with at least this IR version. From version 4 on a graph input that has an initializer may be fed; files older
 * than that had to list their weights as inputs, which makes them constants here.
 */
export function raiseIrVersion(model: Model, irVersion: number): Model {
  if (model.irVersion >= irVersion) return model;
  if (model.irVersion >= 4) return { ...model, irVersion };
  const stored = new Set(model.graph.initializers.map(({ name }) => name));
  const inputs = model.graph.inputs.filter(({ name }) => !stored.has(name));
  return { ...model, irVersion, graph: { ...model.graph, inputs } };
}

function objections(model: Model, version: number, target: number): Problem[] {
  const hint = `convert the file to operator set ${target} (onnx.version_converter), or export it anew`;
  if (version < oldest || target > newest)
    return [{ what: `cannot lift operator set ${version} to ${target}`, hint }];
  return model.functions
    .filter(({ opsetImport }) => opsetImport.some((set) => set.domain === '' && set.version < target))
    .map(({ name }) => ({
      what: `cannot lift the model-local function ${name}`,
      hint: 'inline the functions first',
    }));
}

function mentionsOtherFloats(model: Model): boolean {
  const others: readonly number[] = [DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];
  const visits = [...walkNodes(model.graph)];
  const graphs = [model.graph, ...visits.flatMap(({ node }) => subgraphs(node))];
  const types = graphs.flatMap((graph) => [
    ...graph.initializers.map(({ dataType }) => dataType),
    ...[...graph.inputs, ...graph.outputs, ...graph.valueInfo].map(
      ({ tensorType }) => tensorType?.elemType ?? 0,
    ),
  ]);
  const casts = visits.map(({ node }) => intAttribute(node, 'to') ?? 0);
  const constants = visits.flatMap(({ node }) => node.attributes.map(({ t }) => t?.dataType ?? 0));
  return [...types, ...casts, ...constants].some((type) => others.includes(type));
}

class Lift {
  readonly fresh: FreshName;
  readonly labels: ReadonlyMap<Node, string>;

  constructor(
    readonly from: number,
    readonly to: number,
    file: Graph,
    readonly problems: Problem[],
    readonly onlyFloat32: boolean,
  ) {
    this.fresh = freshNames(file);
    this.labels = nodeLabels(file);
  }

  graph(graph: Graph, outer: LiftSite | undefined): Graph {
    const site = new LiftSite(graph, outer, this.fresh, this.problems, this.onlyFloat32);
    const nodes = graph.nodes.flatMap((node) => {
      if (!isStandard(node)) return [this.bodies(node, site)];
      const where = lookUp(this.labels, node, 'label of a node');
      return this.node(this.bodies(node, site), this.from, site, where);
    });
    return { ...graph, nodes, initializers: [...graph.initializers, ...site.added] };
  }

  bodies(node: Node, site: LiftSite): Node {
    if (subgraphs(node).length === 0) return node;
    const attributes = node.attributes.map((attribute) => ({
      ...attribute,
      ...(attribute.g && { g: this.graph(attribute.g, site) }),
      ...(attribute.graphs && { graphs: attribute.graphs.map((body) => this.graph(body, site)) }),
    }));
    return { ...node, attributes };
  }

  /** A node in the form of version `at`, and the helpers it needs, in the form of the target. */
  node(node: Node, at: number, site: LiftSite, where: string): Node[] {
    const known = Object.hasOwn(changes, node.opType) ? changes[node.opType] : undefined;
    if (!known) return this.refuse(node, 'Temper does not know how it changed', where);
    const [next] = Object.entries(known)
      .map(([version, change]) => ({ since: Number(version), change }))
      .filter(({ since }) => since > at && since <= this.to)
      .sort((a, b) => a.since - b.since);
    if (!next) return [node];
    const { since, change } = next;
    const lifted = change(node, site);
    if (typeof lifted === 'string') return this.refuse(node, lifted, where);
    return lifted.flatMap((part) => this.node(part, since, site, where));
  }

  refuse(node: Node, reason: string, where: string): Node[] {
    const what = `cannot lift ${operatorName(node)} from operator set ${this.from} to ${this.to}: ${reason}`;
    const hint =
      this.to > 10
        ? 'ask for 8 bits and one scale per tensor (--scales tensor), which need operator set 10 only'
        : 'export the model anew with a newer operator set';
    this.problems.push({ what, where, hint });
    return [node];
  }
}
