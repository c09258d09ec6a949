/**
 * Where each node of a ReLU network goes in its spiking form:
 *   head  what no neuron influences: a constant current, computed once
 *   body  neurons and what lies between and behind them: computed at every time step
 *   tail  the readout (Softmax and the like), applied once to the mean over time
 * Refuses, with every problem at once, what a spike train cannot pass.
 */
import { pruneNodes } from '../../compile/prune.js';
import { type Problem, TemperError } from '../../errors.js';
import { intAttribute } from '../../onnx/attributes.js';
import { nodeLabel, operatorName } from '../../onnx/label.js';
import { DataType, type Graph, type Model, type Node } from '../../onnx/model.js';
import { isStandard } from '../../onnx/walk.js';
import { affine, hintFor, readouts, weighted } from './operators.js';

export interface SpikingPlan {
  readonly head: readonly Node[];
  readonly body: readonly Node[];
  readonly tail: readonly Node[];
  /** The Relu nodes of the body that become neurons, in file order. */
  readonly neurons: readonly Node[];
  /** Values of the body that the tail or the model's outputs read: their mean over time is taken. */
  readonly averaged: readonly string[];
}

/** What is known of a value. */
interface Trait {
  /** data: changes with the model's inputs. shape: depends on their shapes only. */
  readonly kind: 'constant' | 'shape' | 'data';
  /** Downstream of a neuron. */
  readonly spiking: boolean;
  /** The first readout upstream, as a message names it. */
  readonly readout?: { opType: string; label: string };
}

const constant: Trait = { kind: 'constant', spiking: false };

/** Throws TemperError('model') if the model is not a ReLU network that Temper can convert. */
export function planSnn(model: Model): SpikingPlan {
  const planner = new SpikingPlanner(model.graph);
  const plan = planner.run();
  if (planner.problems.length > 0) throw new TemperError('model', planner.problems);
  return plan;
}

class SpikingPlanner {
  readonly problems: Problem[] = [];
  private readonly traits = new Map<string, Trait>();
  private readonly sections = { head: [] as Node[], body: [] as Node[], tail: [] as Node[] };
  private readonly neurons: Node[] = [];
  private readonly averaged = new Set<string>();

  constructor(private readonly graph: Graph) {}

  run(): SpikingPlan {
    for (const { name } of this.graph.initializers) this.traits.set(name, constant);
    for (const { name, tensorType } of this.graph.inputs) {
      if (this.traits.has(name)) continue;
      this.traits.set(name, { kind: 'data', spiking: false });
      const type = tensorType?.elemType;
      if (type === DataType.FLOAT16 || type === DataType.BFLOAT16 || type === DataType.DOUBLE)
        this.refuse(
          'the activations are not float32',
          `input "${name}"`,
          'convert the model to float32 first',
        );
    }
    // What no output needs is left out of the spiking form.
    const live = new Set(pruneNodes(this.graph).nodes);
    this.graph.nodes.forEach((node, index) => {
      if (live.has(node)) this.place(node, nodeLabel(node, index));
    });
    for (const { name } of this.graph.outputs) this.leaveBody(name, `output "${name}"`);
    if (this.neurons.length === 0)
      this.refuse(
        'no Relu to turn into neurons',
        'the whole graph',
        'convert a network with Relu activations',
      );
    return { ...this.sections, neurons: this.neurons, averaged: [...this.averaged] };
  }

  private place(node: Node, label: string): void {
    const inputs = node.inputs.filter(Boolean).map((name) => this.traits.get(name) ?? constant);
    const spiking = inputs.some((trait) => trait.spiking);
    const readout = inputs.find((trait) => trait.readout)?.readout;
    const data = inputs.some((trait) => trait.kind === 'data');
    let trait: Trait = { kind: 'constant', spiking, ...(readout && { readout }) };
    if (node.opType === 'Shape' || node.opType === 'Size') trait = { ...trait, kind: 'shape' };
    else if (data) trait = this.carry(node, label, trait);
    else if (inputs.some(({ kind }) => kind === 'shape')) trait = { ...trait, kind: 'shape' };
    for (const name of node.outputs) this.traits.set(name, trait);
    const section = !trait.spiking ? 'head' : trait.readout ? 'tail' : 'body';
    this.sections[section].push(node);
    if (section === 'tail') for (const name of node.inputs) this.leaveBody(name, label);
  }

  /** The trait of a node's outputs when activations enter it. */
  private carry(node: Node, label: string, trait: Trait): Trait {
    const { opType } = node;
    const { readout } = trait;
    if (readout && (opType === 'Relu' || weighted.has(opType))) {
      this.refuse(`${readout.opType} between layers`, readout.label, hintFor(readout.opType));
      return { kind: 'data', spiking: trait.spiking };
    }
    if (opType === 'Relu' && isStandard(node)) {
      this.neurons.push(node);
      return { kind: 'data', spiking: true };
    }
    if (readouts.has(opType)) return { readout: { opType, label }, ...trait, kind: 'data' };
    const why = this.whyNotAffine(node);
    if (why) this.refuse(why, label, hintFor(opType));
    return { ...trait, kind: 'data' };
  }

  private whyNotAffine(node: Node): string | undefined {
    const { opType } = node;
    const rule = isStandard(node) && Object.hasOwn(affine, opType) ? affine[opType] : undefined;
    if (!rule) return `${operatorName(node)} cannot carry spikes`;
    const carrying = node.inputs.flatMap((name, i) => (this.traits.get(name)?.kind === 'data' ? [i] : []));
    const factors = opType === 'Gemm' ? carrying.filter((i) => i < 2) : carrying;
    if (rule === 'one' && factors.length > 1) return `${opType} of two activations is not affine`;
    if (rule === 'first' && carrying.some((i) => i > 0))
      return `${opType} with activations as input ${carrying.filter((i) => i > 0)} is not affine`;
    if (opType === 'Cast' && intAttribute(node, 'to') !== DataType.FLOAT)
      return 'Cast of activations to another type than float32';
    if (opType === 'BatchNormalization' && (intAttribute(node, 'training_mode') ?? 0) !== 0)
      return 'BatchNormalization in training mode';
    return undefined;
  }

  /** `name` is read outside the body. */
  private leaveBody(name: string, reader: string): void {
    const trait = this.traits.get(name);
    if (!trait?.spiking || trait.readout) return;
    if (trait.kind === 'data') this.averaged.add(name);
    else
      this.refuse(
        `"${name}", a shape taken from spiking activations, is read after the mean over time`,
        reader,
        'take the shape from an input of the model, or write it as a constant',
      );
  }

  private refuse(what: string, where: string, hint: string): void {
    if (!this.problems.some((problem) => problem.what === what && problem.where === where))
      this.problems.push({ what, where, hint });
  }
}
