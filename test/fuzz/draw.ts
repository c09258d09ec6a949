/** Choices of one file of the fuzz run, one after the other: the same key, the same choices. */
import { type KeyPart, randomStream } from '../../src/random/stream.js';

export class Draw {
  private readonly stream;
  private next = 0;

  constructor(...key: KeyPart[]) {
    this.stream = randomStream('fuzz', ...key);
  }

  /** A whole number 0 ... n - 1. */
  below(n: number): number {
    return Math.floor((this.stream.uint32(this.next++) / 2 ** 32) * n);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(share: number): boolean {
    return this.below(1000) < 1000 * share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Many small numbers, few large ones. */
  upTo(most: number): number {
    return Math.floor(most ** (this.below(1001) / 1000));
  }
}
