/** Others' conformance data: test/conformance/run.ts and test/conformance/tfjs/run.ts. */
import { z } from 'zod';
import { percent, rows } from '../markdown.js';
import { defineSection } from './section.js';

const onEngines = z.object({ compiled: z.int(), cpu: z.int() });
const onnxSchema = z.object({
  cases: z.int(),
  inScope: z.int(),
  passed: onEngines,
  imported: z.int().optional(),
  operators: z.array(z.object({ operator: z.string(), cases: z.int(), passed: onEngines })),
  outOfScope: z.array(z.object({ reason: z.string(), cases: z.int() })),
  results: z.array(
    z.object({
      name: z.string(),
      refused: z.string().optional(),
      failures: z.record(z.string(), z.string()),
    }),
  ),
});

const onnxAsked = 0.98;

function shortened(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

export const conformance = defineSection({
  result: 'conformance',
  title: "ONNX's conformance data",
  what: 'The cases of the ONNX backend suite in ../shared/onnx-backend (node cases of v1.22.0, and those converted from PyTorch), with the tolerances of the suite. The network is that of `buildNetwork`, the function behind import that training runs: compiled to onnxruntime, and on the cpu backend of tfjs. The public `importModel` examines a file at several batch sizes and refuses more: what it takes is counted beside. A case counts for every operator in it.',
  command: 'npm run conformance -- --json bench/results/conformance.json',
  repeats: 'Nothing is drawn: every run gives the same.',
  schema: onnxSchema,
  asks: [
    {
      asked: `at least ${percent(onnxAsked, 0)} of the cases in scope pass, compiled and on the cpu backend`,
      answer({ inScope, passed, imported, cases }) {
        const share = (count: number) => `${count} (${percent(count / inScope, 2)})`;
        return {
          figure: `of ${inScope} in scope, of ${cases} in all: compiled ${share(passed.compiled)}, cpu ${share(passed.cpu)}${imported === undefined ? '' : `; importModel takes ${share(imported)}`}`,
          met: Math.min(passed.compiled, passed.cpu) >= onnxAsked * inScope,
        };
      },
    },
  ],
  tables: ({ operators, outOfScope, results }) => [
    'Operators of which a case fails:',
    rows(
      ['operator', 'cases', 'compiled', 'cpu'],
      operators
        .filter(({ cases, passed }) => Math.min(passed.compiled, passed.cpu) < cases)
        .map(({ operator, cases, passed }) => [operator, cases, passed.compiled, passed.cpu].map(String)),
    ),
    'Cases that fail:',
    rows(
      ['case', 'engine', 'why'],
      results.flatMap(({ name, failures }) =>
        Object.entries(failures).map(([engine, why]) => [name, engine, why.split('\n')[0]!]),
      ),
    ),
    'In scope, and refused by `importModel`:',
    rows(
      ['case', 'why'],
      results.flatMap(({ name, refused }) => (refused ? [[name, shortened(refused)]] : [])),
    ),
    'Out of scope, by what stands in the model:',
    rows(
      ['reason', 'cases'],
      outOfScope.map(({ reason, cases }) => [reason, String(cases)]),
    ),
  ],
});

const counts = z.object({
  passed: z.int(),
  'foreign type': z.int(),
  known: z.int(),
  failed: z.int(),
  computed: z.int(),
});
const tfjsSchema = z.object({
  total: counts,
  files: z.record(z.string(), counts),
  known: z.array(
    z.object({ entry: z.object({ file: z.string(), spec: z.string(), reason: z.string() }), specs: z.int() }),
  ),
});

const tfjsAsked = 0.97;

export const conformanceTfjs = defineSection({
  result: 'conformanceTfjs',
  title: 'The operator tests of tfjs-core',
  what: 'The specs that tfjs-core ships for the kernels that are recorded, on those recordings, run by onnxruntime where a spec reads a value. Specs of types that programs do not have (complex numbers, text) are left out.',
  command: 'npm run conformance:tfjs -- --json bench/results/conformanceTfjs.json',
  repeats: 'Nothing is drawn: every run gives the same.',
  schema: tfjsSchema,
  asks: [
    {
      asked: `at least ${percent(tfjsAsked, 0)} pass, the rest listed with reasons`,
      answer({ total: { passed, known, failed, computed } }) {
        const all = passed + known + failed;
        return {
          figure: `${passed} of ${all} (${percent(passed / all, 2)}), ${known} listed, ${failed} failed; onnxruntime computed in ${computed}`,
          met: passed >= tfjsAsked * all && failed === 0,
        };
      },
    },
  ],
  tables: ({ known }) => [
    'Known not to pass:',
    rows(
      ['file', 'spec', 'specs', 'reason'],
      known.map(({ entry, specs }) => [entry.file, entry.spec, String(specs), entry.reason]),
    ),
  ],
});
