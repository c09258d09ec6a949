/**
 * Nodes that depend on no input and no parameter, and those that depend on shapes alone: their values are known when a program
 * is recorded, up to a size (docs/decisions/0002). Whatever is larger is recorded, and onnxruntime folds it when it opens the
 * program; that costs time at the start, and none later.
 */
import { foldLimit } from '../../network/probe.js';
import { counted, definePass, withoutTrial } from './pass.js';

export const foldConstants = definePass({
  name: 'fold constants',
  report(view) {
    const { traced } = view;
    if (!traced) return { done: [], notDone: [withoutTrial(view)] };
    const { constants, shapes } = traced;
    const folded = constants.filter((constant) => constant.folded).map(({ planned }) => planned);
    const rest = constants.filter((constant) => !constant.folded);
    const done = [
      ...(folded.length > 0 ? [`computed from constants: ${counted(folded)}`] : []),
      ...(shapes.length > 0 ? [`computed from shapes: ${counted(shapes)}`] : []),
    ];
    const notDone = rest.map(({ planned, elements }) => ({
      what: `${planned.node.opType}: ${reason(elements)}`,
      where: planned.label,
      hint: 'onnxruntime computes it once, when it opens the program',
    }));
    return { done, notDone };
  },
});

function reason(elements: number): string {
  if (elements > foldLimit) return `more than ${foldLimit} elements`;
  return `its operands have more than ${foldLimit} elements, or its kernel is one that only a program runs`;
}
