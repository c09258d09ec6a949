/** What a graph's outputs need: nodes, and the values that these use, in the bodies of If, Loop and Scan too. */
import type { Graph, Node } from '../onnx/model.js';
import { producerMap, subgraphs } from '../onnx/walk.js';

export interface Reach {
  readonly needed: ReadonlySet<Node>;
  /** Values that the needed nodes and the outputs use. */
  readonly used: ReadonlySet<string>;
  /** Those that the graph does not make itself. */
  readonly captured: readonly string[];
}

export class Reaches {
  readonly #known = new Map<Graph, Reach>();

  of(graph: Graph): Reach {
    const known = this.#known.get(graph);
    if (known) return known;
    const producers = producerMap(graph);
    const used = new Set(graph.outputs.map((output) => output.name));
    const needed = new Set<Node>();
    const waiting = [...used];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const node = producers.get(name);
      if (!node || needed.has(node)) continue;
      needed.add(node);
      for (const input of [...node.inputs, ...this.captures(node)]) {
        if (input === '' || used.has(input)) continue;
        used.add(input);
        waiting.push(input);
      }
    }
    const own = new Set([...graph.inputs, ...graph.initializers].map((value) => value.name));
    const captured = [...used].filter((name) => !own.has(name) && !producers.has(name));
    const reach = { needed, used, captured };
    this.#known.set(graph, reach);
    return reach;
  }

  /** The values that the bodies of a node take from around it. */
  captures(node: Node): string[] {
    return [...new Set(subgraphs(node).flatMap((body) => this.of(body).captured))];
  }
}
