/** What the results of the specs amount to. */
import { foreignType, type Known, known } from './known.js';
import type { SpecResult } from './suite.js';

export type Verdict = 'passed' | 'foreign type' | 'known' | 'failed';

/** At least so many of a hundred specs of our types must pass. */
export const demanded = 97;

export interface Summary {
  /** Of all files, and of each. */
  total: Counts;
  files: Record<string, Counts>;
  failed: SpecResult[];
  known: { entry: Known; specs: number }[];
  /** Entries of the list whose specs ran, and passed. */
  stale: Known[];
}

export type Counts = Record<Verdict, number> & {
  /** Specs that had onnxruntime compute something. */
  computed: number;
};

export function summarize(results: readonly SpecResult[]): Summary {
  const hits = new Map(known.map((entry) => [entry, [] as Verdict[]]));
  const files: Record<string, Counts> = {};
  const total = none();
  const failed: SpecResult[] = [];
  for (const result of results) {
    const entry = known.find(({ file, spec }) => file === result.file && result.name.includes(spec));
    const verdict = judge(result, entry);
    if (entry) hits.get(entry)!.push(verdict);
    if (verdict === 'failed') failed.push(result);
    files[result.file] ??= none();
    for (const counts of [total, files[result.file]!]) {
      counts[verdict]++;
      if (result.computed) counts.computed++;
    }
  }
  return {
    total,
    files,
    failed,
    known: [...hits].map(([entry, verdicts]) => ({
      entry,
      specs: verdicts.filter((verdict) => verdict === 'known').length,
    })),
    stale: [...hits].flatMap(([entry, verdicts]) => (verdicts.includes('passed') ? [entry] : [])),
  };
}

function judge({ failures }: SpecResult, entry: Known | undefined): Verdict {
  if (failures.length === 0) return 'passed';
  if (failures.some((failure) => foreignType.test(failure))) return 'foreign type';
  return entry ? 'known' : 'failed';
}

function none(): Counts {
  return { passed: 0, 'foreign type': 0, known: 0, failed: 0, computed: 0 };
}

/** Passes of a hundred specs whose types programs have. */
export function percentage({ passed, known: listed, failed }: Counts): number {
  return (100 * passed) / (passed + listed + failed);
}
