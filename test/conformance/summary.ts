/** What a run found, as plain data, and as lines to read. */
import { relative, sep } from 'node:path';
import { table } from '../../src/cli/terminal/table.js';
import { type Engine, engines, type Verdict } from './check.js';

export interface CaseResult extends Verdict {
  /** Path below the folder that was run. */
  name: string;
}

export interface OperatorCount {
  operator: string;
  cases: number;
  passed: Record<Engine, number>;
}

export interface Summary {
  cases: number;
  inScope: number;
  passed: Record<Engine, number>;
  /** Of those in scope, files that the public `importModel` takes. */
  imported: number;
  /** A case counts for every operator in it. */
  operators: OperatorCount[];
  outOfScope: { reason: string; cases: number }[];
  results: CaseResult[];
}

export function summarize(folder: string, folders: readonly string[], verdicts: readonly Verdict[]): Summary {
  const results = verdicts.map((verdict, i) => ({
    name: relative(folder, folders[i]!).split(sep).join('/') || '.',
    ...verdict,
  }));
  const inScope = results.filter(({ outOfScope }) => outOfScope === undefined);
  const names = [...new Set(inScope.flatMap(({ operators }) => operators))].sort();
  const reasons = results.flatMap(({ outOfScope }) => outOfScope ?? []);
  return {
    cases: results.length,
    inScope: inScope.length,
    passed: passes(inScope),
    imported: inScope.filter(({ refused }) => refused === undefined).length,
    operators: names.map((operator) => {
      const cases = inScope.filter(({ operators }) => operators.includes(operator));
      return { operator, cases: cases.length, passed: passes(cases) };
    }),
    outOfScope: [...new Set(reasons)].sort().map((reason) => ({
      reason,
      cases: reasons.filter((other) => other === reason).length,
    })),
    results,
  };
}

function passes(cases: readonly CaseResult[]): Record<Engine, number> {
  const count = (engine: Engine) => cases.filter(({ failures }) => failures[engine] === undefined).length;
  return Object.fromEntries(engines.map((engine) => [engine, count(engine)])) as Record<Engine, number>;
}

export function summaryText({
  cases,
  inScope,
  passed,
  imported,
  operators,
  outOfScope,
  results,
}: Summary): string {
  const failed = results.filter(({ failures }) => Object.keys(failures).length > 0);
  return [
    'Passes by operator (a case counts for every operator in it)',
    table(
      ['operator', 'cases', ...engines],
      operators.map((row) =>
        [row.operator, row.cases, ...engines.map((engine) => row.passed[engine])].map(String),
      ),
    ),
    '',
    'Out of scope (test/conformance/scope.ts)',
    ...outOfScope.map((row) => `  ${String(row.cases).padStart(4)}  ${row.reason}`),
    '',
    ...(failed.length > 0 ? ['Failed'] : []),
    ...failed.flatMap(({ name, failures }) =>
      Object.entries(failures).map(([engine, text]) => `  ${name} (${engine}): ${firstLine(text)}`),
    ),
    ...(failed.length > 0 ? [''] : []),
    `${cases} cases, ${inScope} in scope`,
    `  importModel takes ${imported}, ${share(imported, inScope)}`,
    ...engines.map(
      (engine) => `  ${engine.padEnd(8)} ${passed[engine]} passed, ${share(passed[engine], inScope)}`,
    ),
  ].join('\n');
}

function firstLine(text: string): string {
  const line = text.split('\n')[0]!;
  return line.length > 300 ? `${line.slice(0, 300)} ...` : line;
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'nothing to run' : `${((100 * part) / whole).toFixed(2)} %`;
}
