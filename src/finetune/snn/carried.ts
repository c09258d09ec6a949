/**
 * What the loop carries from step to step: one tensor per neuron state, one running sum per averaged value. Each starts
 * as one number expanded to its shape, whose first dimension is the batch of the model's input, whatever that is.
 */
import { makeNode } from '../../onnx/build.js';
import { DataType, type Node, type Tensor } from '../../onnx/model.js';
import { makeTensor, type TensorValues } from '../../onnx/tensor.js';

export interface Carried {
  /** Value of the main graph that enters the loop. */
  readonly first: string;
  /** Value inside the body at the start of a step, and the one it computes for the next. */
  readonly now: string;
  readonly next: string;
  /** Value of the main graph after the last step. */
  readonly last: string;
  readonly dims: readonly number[];
}

export class CarriedValues {
  readonly values: Carried[] = [];
  readonly nodes: Node[] = [];
  readonly initializers: Tensor[] = [];
  private readonly shapes = new Map<string, string>();

  /** `input`: the graph input whose first dimension is the batch. */
  constructor(
    private readonly input: string,
    private readonly fresh: (base: string) => string,
  ) {}

  /** Declares a value that is `start` everywhere at time 0, of shape [batch, ...dims]. */
  add(name: string, start: number, dims: readonly number[]): Carried {
    const number = this.scalar(`${name}/start`, start);
    const first = this.fresh(`${name}/first`);
    this.emit('Expand', [number, this.shape(dims)], first);
    const inner = (suffix: string) => this.fresh(`${name}/${suffix}`);
    const carried = { first, now: inner('now'), next: inner('next'), last: inner('last'), dims };
    this.values.push(carried);
    return carried;
  }

  /** A float32 scalar initializer. */
  scalar(name: string, value: number): string {
    return this.initializer(name, DataType.FLOAT, [], Float32Array.of(value));
  }

  /** A boolean scalar initializer, true. */
  yes(name: string): string {
    return this.initializer(name, DataType.BOOL, [], Uint8Array.of(1));
  }

  /** An int64 initializer: a scalar, or a vector if `values` is a list. */
  integers(name: string, values: number | readonly number[]): string {
    const list = BigInt64Array.from([values].flat() as number[], BigInt);
    return this.initializer(name, DataType.INT64, typeof values === 'number' ? [] : [list.length], list);
  }

  /** The name of [batch, ...dims] as an int64 vector; equal shapes are computed once. */
  private shape(dims: readonly number[]): string {
    const known = this.shapes.get(dims.join());
    if (known) return known;
    const rest = dims.length === 0 ? [] : [this.integers('snn/dims', dims)];
    const shape = this.fresh('snn/shape');
    this.emit('Concat', [this.batch(), ...rest], shape, { axis: 0 });
    this.shapes.set(dims.join(), shape);
    return shape;
  }

  private batch(): string {
    const known = this.shapes.get('batch');
    if (known) return known;
    const [shape, batch] = [this.fresh('snn/input_shape'), this.fresh('snn/batch')];
    this.emit('Shape', [this.input], shape);
    this.emit('Gather', [shape, this.integers('snn/first_axis', [0])], batch, { axis: 0 });
    this.shapes.set('batch', batch);
    return batch;
  }

  private emit(opType: string, inputs: string[], output: string, attributes = {}): void {
    this.nodes.push(makeNode(opType, inputs, [output], attributes, { name: output }));
  }

  private initializer(base: string, type: number, dims: number[], values: TensorValues): string {
    const name = this.fresh(base);
    this.initializers.push(makeTensor(name, type, dims, values));
    return name;
  }
}
