/** One corruption: what the same command makes of the folder, against what it makes of the folder as it was. */
import { cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bugExitCode } from '../../src/cli/terminal/failure.js';
import type { Kind } from './kinds.js';
import { type Moment, type Outcome, run, type Snapshots } from './snapshots.js';

/** What a user takes away, and what tells how it came about. */
const results = [
  ...['finetuned.onnx', 'hardened.onnx', 'crossbar.json', 'rivals/clipped.onnx', 'rivals/plain.onnx'],
  ...['metrics.jsonl', 'rivals/plain.jsonl', 'report.json', 'recipe.json', 'stages.json', 'tuned.onnx'],
];

export type Verdict =
  /** An exit code of its own and a message. */
  | 'refused'
  /** The results of a run left alone, and the damage is told. */
  | 'made good'
  /** The results of a run left alone: nothing that was read was damaged. */
  | 'no matter'
  /** Other results, and why is told. */
  | 'other, told'
  /** Other results, and nobody says so. */
  | 'silent'
  /** Exit code 70. */
  | 'bug';

export interface Trial {
  moment: Moment;
  file: string;
  damage: string;
  verdict: Verdict;
  code: number;
  /** The first line that an undamaged run does not say. */
  said?: string;
  /** Results that are not those of a run left alone. */
  others?: string[];
}

export interface Reference {
  said: Set<string>;
  results: Map<string, Buffer>;
}

async function goOn({ folder, place, command }: Snapshots, moment: Moment, damage?: () => void) {
  rmSync(place, { recursive: true, force: true });
  cpSync(folder(moment), place, { recursive: true });
  damage?.();
  return run([...command(moment), '--quiet']);
}

function resultsIn(place: string): Map<string, Buffer> {
  const found = results.map((name) => [name, join(place, name)] as const);
  return new Map(
    found.flatMap(([name, path]) =>
      existsSync(path) && statSync(path).isFile() ? [[name, readFileSync(path)] as const] : [],
    ),
  );
}

/** The undamaged folder of a moment, gone on with. */
export async function reference(snapshots: Snapshots, moment: Moment): Promise<Reference> {
  const { code, said } = await goOn(snapshots, moment);
  if (code !== 0) throw new Error(`undamaged, ${moment} ends with ${code}: ${said.join('\n')}`);
  return { said: new Set(said), results: resultsIn(snapshots.place) };
}

export async function attempt(snapshots: Snapshots, kind: Kind, expected: Reference): Promise<Trial> {
  const { moment, file, damage } = kind;
  const outcome = await goOn(snapshots, moment, () => kind.apply(snapshots.place, snapshots.older));
  const said = outcome.said.find((line) => !expected.said.has(line));
  const found = resultsIn(snapshots.place);
  const others = [...expected.results].flatMap(([name, bytes]) =>
    found.get(name)?.equals(bytes) ? [] : [name],
  );
  const verdict = verdictOf(outcome, said, others);
  const shown = said?.replaceAll(snapshots.place, 'RUN');
  return {
    ...{ moment, file, damage, verdict, code: outcome.code },
    ...(shown && { said: shown }),
    ...(outcome.code === 0 && others.length > 0 && { others }),
  };
}

function verdictOf({ code }: Outcome, said: string | undefined, others: readonly string[]): Verdict {
  if (code === bugExitCode) return 'bug';
  if (code !== 0) return said ? 'refused' : 'silent';
  if (others.length === 0) return said ? 'made good' : 'no matter';
  return said ? 'other, told' : 'silent';
}
