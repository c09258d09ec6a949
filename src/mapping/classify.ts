/**
 * What becomes of every stored value of a model on a chip: it sits on a crossbar and is disturbed, it is known to do no harm
 * without noise (biases, normalizations, scalars, shapes), or the model is refused, as it would look more robust than it is.
 * By exclusion: what is neither is refused, whatever the operator (docs/decisions/0011-every-stored-value.md).
 */
import type { Problem } from '../errors.js';
import { densified } from '../onnx/densify.js';
import { inlineFunctions } from '../onnx/inline.js';
import type { Model, Node } from '../onnx/model.js';
import { nodeName, type Stored } from './contents.js';
import { type CrossbarTensor, crossbarTensors, visitNodes, weightTensor } from './crossbar.js';
import { type MeetingListener, type RefusalReason, StoredFlow } from './flow.js';
import { everyStored } from './inventory.js';

/** A stored value that needs no noise. */
export interface Harmless {
  /** Name of the tensor; of an attribute `NODE.ATTRIBUTE`, NODE being the node's name or its first output. */
  readonly name: string;
  readonly reason: string;
}

/** Stored values that one node mixes with activations, and that no chip could disturb. */
export interface Refused {
  /** By name, as in `Harmless`. */
  readonly tensors: readonly string[];
  /** Name of the node; its first output if it has none. */
  readonly node: string;
  /** How messages name the nodes where activations met them before: what scales them, and is summed by `node`. */
  readonly met: readonly string[];
  readonly problem: Problem;
}

/** A product with numbers that nobody has trained (fixed.ts): harmless, and taken to be digital. */
export interface FixedProduct {
  readonly tensor: string;
  readonly node: string;
  /** How messages name the node. */
  readonly label: string;
  readonly reason: string;
}

export interface Classification {
  readonly mapped: readonly CrossbarTensor[];
  readonly harmless: readonly Harmless[];
  /** Those of `harmless` that take part in products all the same. */
  readonly fixed: readonly FixedProduct[];
  readonly refused: readonly Refused[];
}

export function classify(source: Model): Classification {
  const model = densified(source);
  const inlined = inlineFunctions(model);
  const mapped = crossbarTensors(model);
  const disturbed = new Set<object>();
  visitNodes(
    model,
    ({ isInside }, node, scope) => {
      const hit = weightTensor(node, scope);
      if (hit && !isInside(hit.tensor.name)) disturbed.add(hit.disturbed);
    },
    inlined,
  );
  const findings = new StoredFindings(disturbed, inlined.isInside);
  new StoredFlow(findings, inlined).run();
  const refused = [...findings.refusals.values()].map(refusal);
  const others = new Set([
    ...mapped.flatMap(({ name, copies, stored = name }) => [name, stored, ...copies]),
    ...refused.flatMap(({ tensors }) => tensors),
  ]);
  const harmless = everyStored(inlined.graph)
    .filter((name) => !others.has(name))
    .map((name) => ({
      name,
      reason: findings.reasons.get(name) ?? 'meets no activation that an output needs',
    }));
  const fixed = findings.fixedProducts.filter(({ tensor }) => !others.has(tensor));
  return { mapped, harmless, fixed, refused };
}

/** Weights that Temper sees but cannot place on a crossbar, with what to do about each. */
export function unmappedLayers(model: Model): Problem[] {
  return classify(model).refused.map(({ problem }) => problem);
}

interface StoredRefusal {
  readonly node: Node;
  readonly label: string;
  readonly stored: Set<Stored>;
  readonly met: Set<string>;
  readonly what: (names: string) => string;
  readonly hint: string;
}

class StoredFindings implements MeetingListener {
  readonly reasons = new Map<string, string>();
  readonly refusals = new Map<Node, StoredRefusal>();
  readonly fixedProducts: FixedProduct[] = [];

  constructor(
    readonly disturbed: ReadonlySet<object>,
    readonly isInside: (name: string) => boolean,
  ) {}

  isMapped(source: object): boolean {
    return this.disturbed.has(source);
  }

  harmless(stored: readonly Stored[], reason: string): void {
    for (const { name } of stored) if (!this.reasons.has(name)) this.reasons.set(name, reason);
  }

  fixed(node: Node, label: string, stored: readonly Stored[], reason: string): void {
    for (const { name } of stored) {
      if (this.fixedProducts.some(({ tensor }) => tensor === name)) continue;
      this.fixedProducts.push({ tensor: name, node: nodeName(node), label, reason });
    }
  }

  refused(node: Node, label: string, stored: readonly Stored[], { why, hint, met }: RefusalReason): void {
    const known = this.refusals.get(node);
    const told = stored.filter(({ isScalar }) => !isScalar);
    const named = told.length > 0 ? told : stored;
    if (known) {
      for (const each of named) known.stored.add(each);
      if (met !== undefined) known.met.add(met);
      return;
    }
    const inside = named.some(({ name }) => this.isInside(name));
    const [reason, advice] = inside
      ? ['they are stored inside of a model-local function', inlineThem]
      : [why, hint];
    const what = (names: string) =>
      `the weights ${names} of ${node.opType} are not placed on a crossbar: ${reason}`;
    this.refusals.set(node, {
      node,
      label,
      stored: new Set(named),
      met: new Set(met === undefined ? [] : [met]),
      what,
      hint: advice,
    });
  }

  refusedCall(node: Node, label: string, reason: string): void {
    const what = () =>
      `layers of the model-local function ${node.opType} are not placed on a crossbar: ${reason}`;
    this.refusals.set(node, { node, label, stored: new Set(), met: new Set(), what, hint: inlineThem });
  }
}

const inlineThem = 'inline the functions first, e.g. with onnx.inliner.inline_local_functions';

function refusal({ node, label, stored, met, what, hint }: StoredRefusal): Refused {
  const tensors = [...new Set([...stored].map(({ name }) => name))];
  const shown = tensors
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(', ');
  const names = tensors.length > 3 ? `${shown} and ${tensors.length - 3} more` : shown;
  return { tensors, node: nodeName(node), met: [...met], problem: { what: what(names), where: label, hint } };
}
