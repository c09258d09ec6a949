/** Labels beside each other's lines: moved apart where they would write over each other, as little as the frame allows. */
import { zip } from '../lists/zip.js';

/** Labels that touch; together they are centred on what they label. */
interface Block {
  count: number;
  /** Of the wished heights. */
  sum: number;
}

/** Heights of the centres of labels of size `least`, in the order of the wished `heights`, within the frame. */
export function apart(heights: readonly number[], least: number, frame: readonly [number, number]): number[] {
  const wished = [...heights.entries()].sort(([, a], [, b]) => a - b);
  const bottom = ({ count, sum }: Block): number => {
    const size = count * least;
    return Math.max(frame[0], Math.min(frame[1], sum / count + size / 2) - size);
  };
  const blocks: Block[] = [];
  for (const [, height] of wished) {
    let block: Block = { count: 1, sum: height };
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      if (bottom(last) + last.count * least <= bottom(block)) break;
      blocks.pop();
      block = { count: last.count + block.count, sum: last.sum + block.sum };
    }
    blocks.push(block);
  }
  const places = blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, i) => bottom(block) + (i + 0.5) * least),
  );
  return zip(wished, places)
    .sort(([[a]], [[b]]) => a - b)
    .map(([, place]) => place);
}
