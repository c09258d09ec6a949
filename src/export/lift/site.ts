/** What a change of form may ask and do where its node stands: types, ranks, constants, new names, objections. */
import type { Problem } from '../../errors.js';
import { DataType, type Graph, type Node, type Tensor, type TensorType } from '../../onnx/model.js';
import type { FreshName } from '../../onnx/names.js';
import { makeTensor } from '../../onnx/tensor.js';

export class LiftSite {
  /** Constants that the changes made; they become initializers of the graph. */
  readonly added: Tensor[] = [];
  readonly #types = new Map<string, TensorType>();
  readonly #stored = new Map<string, Tensor>();
  readonly #producers: Map<string, Node>;

  constructor(
    graph: Graph,
    readonly outer: LiftSite | undefined,
    readonly fresh: FreshName,
    readonly problems: Problem[],
    /** Whether every float of the model is float32, as far as the file tells. */
    readonly onlyFloat32: boolean,
  ) {
    for (const { name, tensorType } of [...graph.valueInfo, ...graph.outputs, ...graph.inputs]) {
      if (tensorType) this.#types.set(name, tensorType);
    }
    for (const tensor of graph.initializers) {
      this.#stored.set(tensor.name, tensor);
      this.#types.set(tensor.name, { elemType: tensor.dataType, shape: tensor.dims });
    }
    this.#producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  }

  /** A new constant; its name. */
  constant(
    wish: string,
    dataType: number,
    dims: number[],
    values: ArrayLike<number> | ArrayLike<bigint>,
  ): string {
    const name = this.fresh(wish);
    this.added.push(makeTensor(name, dataType, dims, values));
    return name;
  }

  int64(wish: string, values: readonly (number | bigint)[]): string {
    return this.constant(wish, DataType.INT64, [values.length], values.map(BigInt));
  }

  stored(name: string | undefined): Tensor | undefined {
    return name ? (this.#stored.get(name) ?? this.outer?.stored(name)) : undefined;
  }

  type(name: string): TensorType | undefined {
    return this.#types.get(name) ?? this.outer?.type(name);
  }

  /** Element type of a value; assumed float32 where the file does not tell but knows no other float. */
  elementType(name: string): number | undefined {
    return this.type(name)?.elemType || (this.onlyFloat32 ? DataType.FLOAT : undefined);
  }

  rank(name: string): number | undefined {
    const producer = this.#producers.get(name)?.opType;
    if (producer === 'Gemm' || producer === 'Flatten') return 2;
    return this.type(name)?.shape?.length;
  }
}
