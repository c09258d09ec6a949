/** docs/benchmarks.md: what was asked for beside what was measured, from bench/results. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { page, rows } from '../markdown.js';
import { apart } from './apart.js';
import { clipping } from './clipping.js';
import { conformance, conformanceTfjs } from './conformance.js';
import { corruptions } from './corruptions.js';
import { defaults } from './defaults.js';
import { exporters } from './exporters.js';
import { exportMemory } from './exportMemory.js';
import { exports } from './exports.js';
import { fuzz } from './fuzz.js';
import { giant } from './giant.js';
import { harden } from './harden.js';
import { importCost } from './importCost.js';
import { judge, judgeChip, judgeIndependent } from './judge.js';
import { kills } from './kills.js';
import { lockRaces } from './lockRaces.js';
import { mutants } from './mutants.js';
import { nothingLost } from './nothingLost.js';
import { profile } from './profile.js';
import { resume } from './resume.js';
import { type Measured, notMeasured, type Section } from './section.js';
import { sizes } from './sizes.js';
import { snn } from './snn.js';
import { speed } from './speed.js';
import { threads } from './threads.js';

/** In the order in which the issues ask. */
export const sections: readonly Section[] = [
  ...[
    nothingLost,
    judge,
    judgeIndependent,
    judgeChip,
    clipping,
    harden,
    defaults,
    speed,
    profile,
    exports,
    snn,
    resume,
    kills,
    lockRaces,
  ],
  ...[corruptions, threads],
  ...[conformance, conformanceTfjs, exporters, fuzz, mutants, apart, importCost, exportMemory, giant],
  ...[sizes],
];

const sourceSchema = z.object({
  command: z.string().optional(),
  machine: z
    .object({
      date: z.string(),
      cpu: z.string(),
      cores: z.int(),
      memoryGiB: z.number(),
      node: z.string(),
      onnxruntime: z.string(),
      tfjs: z.string(),
      commit: z.string(),
    })
    .optional(),
  versions: z.record(z.string(), z.string()).optional(),
});

interface Shown {
  text: string;
  answers: Measured[];
}

/** @param results folder with the result files. */
export function benchmarksPage(results: URL): string {
  const shown = sections.map((section) => sectionText(section, results));
  const answers = shown.flatMap((one) => one.answers);
  const count = (met: boolean | undefined) => answers.filter((answer) => answer.met === met).length;
  return page(
    'Measured',
    'What was asked of the first version and what was measured, from the files in `bench/results`, which hold every sample. A figure is told as it came out, whether it meets what was asked or not.',
    `Of ${answers.length} things asked, ${count(true)} are met, ${count(false)} are not, ${count(undefined)} are open.`,
    'Gradients of every operator against finite differences, and the recorded step against the eager one over 20 steps of each optimizer, are tests: `test/contracts/operators.test.ts`, `test/finetune/parity.test.ts`. `npm run acceptance` repeats the checks on models and data on a smaller scale.',
    ...shown.map(({ text }) => text),
  );
}

function sectionText(section: Section, results: URL): Shown {
  const file = new URL(`${section.result}.json`, results);
  const content: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const { answers, tables } =
    content === undefined
      ? { answers: section.asked.map(() => notMeasured), tables: [] }
      : section.read(content);
  const asks = section.asked.map((asked, i) => [asked, answers[i]!.figure, verdict(answers[i]!)]);
  const text = [
    `## ${section.title}`,
    `${section.what} ${section.repeats}`,
    sourceText(section, content),
    ...(asks.length > 0 ? [rows(['asked', 'measured', 'met'], asks)] : []),
    ...tables,
  ].join('\n\n');
  return { text, answers };
}

function verdict({ met }: Measured): string {
  return met === undefined ? 'open' : met ? 'yes' : '**no**';
}

/** The command that repeats it; when, where and with what it was measured. */
function sourceText({ result, command }: Section, content: unknown): string {
  if (content === undefined) return `Repeat with \`${command}\`.`;
  const source = sourceSchema.parse(content);
  const facts = [
    `Repeat with \`${source.command ?? command}\``,
    `All figures: \`bench/results/${result}.json\``,
  ];
  if (source.machine) {
    const { date, cpu, cores, memoryGiB, node, onnxruntime, tfjs, commit } = source.machine;
    facts.push(
      `${cpu}, ${cores} cores, ${memoryGiB} GiB; Node ${node}, onnxruntime ${onnxruntime}, TensorFlow.js ${tfjs}; ${date}, commit ${commit}`,
    );
  }
  if (source.versions) {
    const versions = Object.entries(source.versions).map(([name, version]) => `${name} ${version}`);
    facts.push(versions.join(', '));
  }
  return `${facts.join('. ')}.`;
}
