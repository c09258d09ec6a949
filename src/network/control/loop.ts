/**
 * Loop (ONNX), unrolled: cond, v, scanned[i] = body(i, cond, v) for i from 0 to M - 1, as long as cond holds. Where the
 * condition is known in every iteration, as many are computed as there are. Where only the data decide, all that the trip
 * count allows are computed, and values stop changing once the condition fails.
 */
import { int32 } from '../../int32.js';
import { lookUp } from '../../lists/lookUp.js';
import { zip } from '../../lists/zip.js';
import { DataType } from '../../onnx/model.js';
import { graph } from '../attributes.js';
import { integer } from '../axes.js';
import { UnsupportedForm } from '../operator.js';
import { chosen, counted, defineControl, described, emptyStack, known, stacked } from './control.js';
import type { Body, Flow } from './flow.js';

/** int64's largest number, as constants keep it: "until the condition fails". */
const endless = int32.highest;

export const Loop = defineControl({
  type: 'Loop',
  since: [1, 11, 13, 16, 19, 21, 23, 24, 25],
  inputs: ['M?', 'cond?', 'v_initial*'],
  structural: ['M', 'cond'],
  attributes: { body: graph(undefined, { required: true }) },
  flow([limit, cond, ...initial], _, bodies, { resolved }) {
    const trips = limit ? integer(limit.tensor) : endless;
    return new Unrolling(lookUp(bodies, 'body', 'body'), trips, initial as Flow[], resolved).run(cond);
  },
});

class Unrolling {
  readonly #scanned: Flow[][] = [];
  #values: readonly Flow[];

  constructor(
    private readonly body: Body,
    private readonly trips: number,
    initial: readonly Flow[],
    private readonly resolved: (text: string) => void,
  ) {
    const { inputs, outputs } = body;
    if (inputs.length !== initial.length + 2 || outputs.length < initial.length + 1)
      throw new UnsupportedForm(
        `${initial.length} values are carried through a body of ${inputs.length} inputs and ${outputs.length} outputs`,
      );
    this.#values = initial;
  }

  run(cond: Flow | undefined): Flow[] {
    const { body, trips } = this;
    let going: Flow = cond ?? counted(true, DataType.BOOL, body.inputs[1]);
    if (known(going) === undefined) return this.#masked(going, 0);
    // Nothing to wait for where the body hands the condition on.
    const [still = ''] = body.outputs;
    const held = body.origin(still) === body.inputs[1]?.name;
    if (held && known(going)) body.reserve(trips);
    for (let i = 0; i < trips && known(going); i++) {
      if (!held) body.reserve(1);
      const { goOn, values } = this.#iterate(i, false);
      this.#carry(values);
      going = goOn;
      if (known(going) === undefined && i + 1 < trips) return this.#masked(going, i + 1);
    }
    this.resolved(`unrolled, ${this.#scanned.length} iterations`);
    return [...this.#values, ...this.#stacks()];
  }

  /** The iterations from `first` on, each computed whether or not the condition still holds. */
  #masked(condition: Flow, first: number): Flow[] {
    const { body, trips } = this;
    if (trips === endless)
      throw new UnsupportedForm('when the loop ends depends on the data', 'give the loop a trip count');
    if (body.outputs.length > this.#values.length + 1)
      throw new UnsupportedForm(
        'how many elements the outputs of the iterations have depends on the data',
        'shapes must be known when the network is built',
      );
    body.reserve(Math.max(0, trips - first));
    let going = condition;
    for (let i = first; i < trips; i++) {
      const { goOn, values } = this.#iterate(i, true);
      if (described(values) !== described(this.#values))
        throw new UnsupportedForm(
          `when the loop ends depends on the data, and its values change from ${described(this.#values)} to ${described(values)}`,
        );
      this.#values = zip(values, this.#values).map(([value, before]) => chosen(going, value, before));
      going = this.#stillGoing(going, goOn);
    }
    this.resolved(`unrolled, ${trips} iterations; the data decide which of them count`);
    return [...this.#values];
  }

  #stillGoing(before: Flow, next: Flow): Flow {
    const holds = known(next);
    if (holds === true) return before;
    const both = before.tensor.reshape([]).cast('bool').logicalAnd(next.tensor.reshape([]).cast('bool'));
    return { ...before, tensor: both.reshape(before.tensor.shape), fromInput: true };
  }

  #iterate(index: number, speculative: boolean): { goOn: Flow; values: Flow[] } {
    const { inputs } = this.body;
    const counter = counted(index, DataType.INT64, inputs[0]);
    // What an iteration computes counts only if the condition held before it.
    const held = counted(true, DataType.BOOL, inputs[1]);
    const [goOn, ...values] = this.body.run([counter, held, ...this.#values], speculative);
    if (!goOn) throw new UnsupportedForm('a body without a condition');
    return { goOn, values };
  }

  #carry(values: readonly Flow[]): void {
    const carried = this.#values.length;
    this.#values = values.slice(0, carried);
    this.#scanned.push(values.slice(carried));
  }

  #stacks(): Flow[] {
    const count = this.body.outputs.length - this.#values.length - 1;
    if (count === 0) return [];
    if (this.#scanned.length > 0) return zip(...this.#scanned).map((slices) => stacked(slices));
    // What one iteration would give has the shape.
    this.body.reserve(1);
    const { values } = this.#iterate(0, true);
    return values.slice(this.#values.length).map((slice) => emptyStack(slice));
  }
}
