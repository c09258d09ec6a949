/**
 * If (ONNX): outputs = then_branch() where cond holds, else else_branch(). Where the condition is known when the network is
 * built, the other one does not exist.
 */
import { graph } from '../attributes.js';
import { UnsupportedForm } from '../operator.js';
import { chosen, defineControl, described, known } from './control.js';
import type { Body } from './flow.js';

export const If = defineControl({
  type: 'If',
  since: [1, 11, 13, 16, 19, 21, 23, 24, 25],
  inputs: ['cond'],
  attributes: {
    then_branch: graph(undefined, { required: true }),
    else_branch: graph(undefined, { required: true }),
  },
  conditional: true,
  flow([cond], _, { then_branch, else_branch }, { resolved }) {
    const holds = known(cond!);
    resolved(
      holds === undefined
        ? 'both branches are computed, and the data choose between their values'
        : `${holds ? 'then_branch' : 'else_branch'}: the condition is known`,
    );
    if (holds !== undefined) return run(holds ? then_branch! : else_branch!, false);
    const [yes, no] = [run(then_branch!, true), run(else_branch!, true)];
    if (described(yes) !== described(no))
      throw new UnsupportedForm(
        `the condition depends on the data, and the branches give ${described(yes)} and ${described(no)}`,
        'shapes must be known when the network is built: make both branches give the same ones',
      );
    return yes.map((flow, i) => chosen(cond!, flow, no[i]!));
  },
});

function run(body: Body, speculative: boolean) {
  body.reserve(1);
  return body.run([], speculative);
}
