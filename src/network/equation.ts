/** Equations of Einsum, `ij,jk->ik`: what each axis of the operands and of the result is called. */
import { zip } from '../lists/zip.js';
import { type Refusal, UnsupportedForm } from './operator.js';

const ellipsis: string = '...';

/** A letter, or an ellipsis, for one axis each or several. */
type Term = readonly string[];

export interface Equation {
  readonly terms: readonly Term[];
  /** Undefined if the equation leaves it open. */
  readonly output: Term | undefined;
}

/** Spaces mean nothing. Letters of different case are different. */
export function parseEquation(text: string): Equation | Refusal {
  const [left = '', right, ...more] = text.replaceAll(' ', '').split('->');
  const terms = left.split(',').map(parseTerm);
  const output: Term | undefined = right === undefined ? undefined : parseTerm(right);
  const known: ReadonlySet<string> = new Set(terms.flatMap((term) => term ?? []));
  const refuse = (why: string) => ({ what: `equation "${text}": ${why}` });
  if (more.length > 0) return refuse('two arrows');
  if (terms.includes(undefined) || (right !== undefined && !output))
    return refuse('only letters, one ellipsis for each operand, commas and one arrow are understood');
  if (output && new Set(output).size < output.length) return refuse('an index repeats in the result');
  const unknown = output?.find((label) => label !== ellipsis && !known.has(label));
  if (unknown) return refuse(`no operand has the index "${unknown}" of the result`);
  if (output && !output.includes(ellipsis) && known.has(ellipsis))
    return refuse('the result has no ellipsis, but an operand has');
  return { terms: terms as Term[], output };
}

function parseTerm(text: string): Term | undefined {
  const labels: Term = text.match(/\.\.\.|[A-Za-z]/g) ?? [];
  const once = labels.indexOf(ellipsis) === labels.lastIndexOf(ellipsis);
  return once && labels.join('') === text ? labels : undefined;
}

/** One label for each axis: an ellipsis becomes as many as the ranks of the operands say. */
export function labelAxes(
  { terms, output }: Equation,
  ranks: readonly number[],
): { operands: string[][]; result: string[] } {
  if (ranks.length !== terms.length)
    throw new UnsupportedForm(`${ranks.length} operands for ${terms.length} terms`);
  const open = zip(terms, ranks).flatMap(([term, rank]) =>
    term.includes(ellipsis) ? [rank - term.length + 1] : [],
  );
  const [hidden = 0] = open;
  if (open.some((count) => count !== hidden || count < 0))
    throw new UnsupportedForm(`ellipses that stand for ${open.join(' and ')} axes`);
  const expand = (term: Term) =>
    term.flatMap((label) => (label === ellipsis ? [...Array(hidden).keys()].map((i) => `.${i}`) : [label]));
  const operands = terms.map(expand);
  operands.forEach((labels, i) => {
    if (labels.length !== ranks[i])
      throw new UnsupportedForm(`an operand of rank ${ranks[i]} with ${labels.length} indices`);
  });
  return { operands, result: expand(output ?? usualOutput(terms)) };
}

/** Without an arrow: the ellipsis, then the letters that stand only once, in the order of their codes. */
function usualOutput(terms: readonly Term[]): string[] {
  const all = terms.flat();
  const letters = all.filter((label) => label !== ellipsis);
  const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label)).sort();
  return all.includes(ellipsis) ? [ellipsis, ...once] : once;
}
