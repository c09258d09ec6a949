/** Problems for a reader: equal ones told once, with the places they occur at. */
import { describeProblem, type Problem, problemsTold } from '../../errors.js';
import { shortText } from '../../text/shorten.js';

/** Places named before the rest is only counted. */
const placesShown = 4;

export function problemText(problems: readonly Problem[]): string {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.what, problem.details, problem.hint]);
    const known = groups.get(key);
    if (known) known.push(problem);
    else groups.set(key, [problem]);
  }
  const all = [...groups.values()];
  const told = all.slice(0, problemsTold).map((group) => describeProblem(merged(group)));
  const rest = all.slice(problemsTold).flat().length;
  return [...told, ...(rest > 0 ? [`and ${rest} more problems (--json shows all)`] : [])].join('\n');
}

function merged(group: readonly Problem[]): Problem {
  const [first, ...others] = group as [Problem, ...Problem[]];
  if (others.length === 0) return first;
  const places = group.flatMap(({ where }) => where ?? []);
  const rest = places.length - placesShown;
  const where = `${places.slice(0, placesShown).map(shortText).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return { ...first, what: `${first.what} (${group.length} times)`, ...(places.length > 0 && { where }) };
}
