/** Files of real exporters: bench/exporters.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  versions: z.record(z.string(), z.string()),
  files: z.array(
    z.object({
      file: z.string(),
      exporter: z.string(),
      outcome: z.string(),
      reasons: z.array(z.string()),
      error: z.number().optional(),
    }),
  ),
  exporterRefused: z.array(z.string()),
});
type File = z.infer<typeof schema>['files'][number];

const exact = 'imported exactly';
const isRefused = ({ outcome }: File) => outcome.startsWith('refused');

export const exporters = defineSection({
  result: 'exporters',
  title: 'Files of real exporters',
  what: "Networks of random weights as PyTorch (TorchScript and dynamo), onnxruntime's quantizers, onnx's version converter, tf2onnx and skl2onnx write them, imported and held against onnxruntime: outputs in the file's batch and in another, every weight found, every gradient finite and not zero.",
  command: 'npm run bench:exporters -- FOLDER',
  repeats: 'One seed; the files are written by `bench/exporters.py`.',
  schema,
  asks: [
    {
      asked: 'each file is imported exactly or refused with a reason',
      answer({ files }) {
        const count = (is: (file: File) => boolean) => files.filter(is).length;
        const wrong = count(({ outcome }) => outcome === 'WRONG');
        const [same, refused] = [count(({ outcome }) => outcome === exact), count(isRefused)];
        const unjudged = files.length - same - refused - wrong;
        return {
          figure: `${same} of ${files.length} exact, ${refused} refused, ${wrong} wrong, ${unjudged} imported that onnxruntime cannot run: nothing to compare with`,
          met: wrong > 0 ? false : files.length > 0 && unjudged === 0 ? true : undefined,
        };
      },
    },
  ],
  tables: ({ files, exporterRefused }) => [
    byExporter(files),
    `Refused, by reason (of all files that have it):\n\n${reasons(files)}`,
    `The exporters themselves refused ${exporterRefused.length} more.`,
  ],
});

function byExporter(files: readonly File[]): string {
  const names = [...new Set(files.map(({ exporter }) => exporter))].sort();
  const outcomes = [...new Set(files.map(({ outcome }) => outcome))].sort();
  return rows(
    ['exporter', ...outcomes, 'largest error'],
    names.map((name) => {
      const own = files.filter(({ exporter }) => exporter === name);
      const errors = own.filter(({ outcome }) => outcome === exact).map(({ error = 0 }) => error);
      return [
        name,
        ...outcomes.map((outcome) => String(own.filter((file) => file.outcome === outcome).length)),
        errors.length > 0 ? Math.max(...errors).toExponential(0) : '',
      ];
    }),
  );
}

/** What a refusal begins with, without the place, the shapes and the hint. */
function kindOf(reason: string): string {
  if (
    reason.includes('own batch of') ||
    reason.includes("file's batch of") ||
    reason.includes('mix examples')
  )
    return 'fits only the batch that the file fixes';
  return reason.split(' | ')[0]!.replace(/\[[^\]]*\]/g, '[…]');
}

function reasons(files: readonly File[]): string {
  const counts = new Map<string, number>();
  for (const file of files.filter(isRefused))
    for (const kind of new Set(file.reasons.map(kindOf))) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return rows(
    ['reason', 'files'],
    sorted.map(([kind, count]) => [kind, String(count)]),
  );
}
