/**
 * Writes the generated pages from the code, the training logs and the results of the benchmarks: `npm run docs`.
 * The structure tests refuse pages that lag behind.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Command } from '../src/cli/command.js';
import { commands } from '../src/cli/commands.js';
import type { Option } from '../src/cli/option.js';
import { recipeSchema } from '../src/cli/recipe.js';
import { readers } from '../src/data/readers.js';
import { scalings } from '../src/data/scalings.js';
import { specForm } from '../src/data/spec.js';
import { devicesText } from '../src/devices/index.js';
import { exitCodes } from '../src/errors.js';
import { methodsText } from '../src/finetune/methods/index.js';
import { optimizers } from '../src/finetune/optimizers/index.js';
import { newestImported, oldestImported } from '../src/import/opsets.js';
import { unrollLimit } from '../src/network/control/budget.js';
import type { Operator } from '../src/network/operator.js';
import { operators } from '../src/network/operators.js';
import { neurons } from '../src/neurons/index.js';
import { reportSchema } from '../src/report/report.js';
import { drawsNeeded, usualConfidence } from '../src/verify/tolerance.js';
import { benchmarksPage } from './benchmarks/page.js';
import { page, rows } from './markdown.js';
import { modelsPage } from './models.js';
import { thirdPartyPage } from './thirdParty.js';

function operatorsPage(): string {
  const gradient = { yes: 'yes', 'straight-through': 'straight through', no: 'none' };
  const body = [...operators]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((operator) => [
      `[${operator.type}](https://onnx.ai/onnx/operators/onnx__${operator.type}.html)`,
      `${Math.max(oldestImported, operator.since[0]!)} to ${newestImported}`,
      operator.inputs.join(', '),
      attributesOf(operator)
        .map(([name]) => name)
        .join(', '),
      gradient[operator.gradient],
      limitsOf(operator).join('; '),
    ]);
  return page(
    'Operators',
    `${operators.length} ONNX operators can be imported, in operator sets ${oldestImported} to ${newestImported}. A node in a form that is not listed is refused with its name, before any work; models that are only verified may hold any operator that onnxruntime runs.`,
    'Opsets are those in which the operator is understood, in all the versions that ONNX gave it up to the newest. `?` marks an input that may be left out, `*` any number of inputs. Gradient: whether training passes through the operator. Limits: what of the operator is refused.',
    `Types: float16, bfloat16 and double are computed as float32, integers of all widths and their codes as int32, booleans as such; strings, complex numbers, float8 and smaller floats, sequences and optionals are refused. Model-local functions take the place of their calls. Bodies of If, Loop and Scan are unrolled, to at most ${unrollLimit.toLocaleString('en')} nodes.`,
    rows(['operator', 'opsets', 'inputs', 'attributes', 'gradient', 'limits'], body),
  );
}

/** Attributes that some operator set has which can be imported. */
function attributesOf({ attributes }: Operator) {
  return Object.entries(attributes).filter(([, { until }]) => until === undefined || until > oldestImported);
}

/** What is refused. Flags can have no other values than 0 and 1. */
function limitsOf(operator: Operator): string[] {
  const attributeLimits = attributesOf(operator).flatMap(([name, { only }]) =>
    only && only.join() !== '0,1'
      ? [`${name} only ${only.map((value) => JSON.stringify(value)).join(', ')}`]
      : [],
  );
  const { structural } = operator;
  if (structural.length === 0) return attributeLimits;
  return [`${structural.join(', ')} must be known when the network is built`, ...attributeLimits];
}

function methodsPage(): string {
  const describe = ({ name, summary, citation }: { name: string; summary: string; citation: string }) => [
    name,
    summary,
    citation,
  ];
  return page(
    'Training methods',
    methodsText(),
    '## Optimizers',
    rows(['name', 'what', 'source'], optimizers.map(describe)),
    '## Neurons',
    'For conversion into a spiking network.',
    rows(['name', 'what', 'source'], neurons.map(describe)),
  );
}

function devicesPage(): string {
  return page(
    'Devices',
    'What programming a weight into the hardware does to it. The same function perturbs weights in training and makes chips in verification.',
    'Which noise this is: noise on effective weights, relative to the largest weight of each stored tensor unless the mode says otherwise. It is not noise on the conductances that crossbar.json describes: there a weight is a pair with a scale for each channel, and a weight of zero is two devices. The same file judged by `gaussian:S` and by `gaussian:S:channel`, which follows its scales, may differ by tens of points. Layers that `--digital` keeps off the crossbar have no noise.',
    devicesText(),
  );
}

function cliPage(): string {
  const codes = Object.entries({ done: 0, ...exitCodes, bug: 70 }).map(([kind, code]) => [
    String(code),
    kind,
  ]);
  const scalingRows = [
    ['stated', 'what the file states', '', ''],
    ...scalings.map(({ name, words, normalization: { mean, std } }) => [
      name,
      words,
      mean.join(', '),
      name === 'bytes' ? '1/255' : std.join(', '),
    ]),
  ];
  const data = readers.map((reader) => [`\`${specForm(reader)}\``, reader.summary]);
  return page(
    'Command line',
    rows(
      ['command', 'what'],
      commands.map(({ name, summary }) => [`[${name}](#temper-${name})`, summary]),
    ),
    ...commands.map(commandText),
    '## Data',
    'A trailing `:train` or `:test` chooses the split; without it, training takes `train` and verification `test`.',
    rows(['--data', 'what'], data),
    'Data without a published test set are divided by a seeded draw (`--test-fraction`, `--split-seed`). `verify` takes somebody’s own npz file or folder without parts whole, unless the model lies in the folder of a run that trained on a share of it. `--limit` and `--train-limit` take a seeded sample in which every class keeps its share. In npz files, whole numbers and one-hot rows of `y` are classes, as floats too (unless the model puts out one value). What was taken and how it was understood is told.',
    '## Scaling',
    'A model must be fed as it was trained: `(x - mean) / std` of pixels on 0..1. Without `--mean`, `--std` and `--scaling`, what the file states is used: metadata `temper.input` or `Image.NominalPixelRange`, or a graph that begins with the scaling; else pixels stay on 0..1. Before any work, the usual scalings that fit the colours are tried on 256 examples (64 of large ones). If one is clearly better (5 points, or half the squared error, and p < 0.001 in an exact sign test), a scaling that nobody gave is refused, and a given one is doubted aloud.',
    rows(['--scaling', 'what', 'mean', 'std'], scalingRows),
    '## Requirements',
    requirementsText(),
    rows(['condition', 'what it compares'], requirementRows),
    '## Exit codes',
    rows(['code', 'meaning'], codes),
    'A start that fails is 4 if a library is missing, is made for another machine, or cannot be opened for want of file handles (`ulimit -n`), and 70 otherwise; below about 20 file handles Node itself does not start. A process ended by the system keeps the code that the shell gives it, 128 and the number of the signal.',
    'With `--json` on standard output, nothing else is written there, and errors are JSON too, with all problems and whole names. In text, twenty problems are told and the rest counted, and long names are cut in the middle. Whatever steers a terminal, in names of files and in files, is written as in JSON strings: `\\u001b`.',
  );
}

function requirementsText(): string {
  const needed = [0.9, 0.95, 0.99].map(
    (share) => `${drawsNeeded(share, usualConfidence)} for ${100 * share} %`,
  );
  return `\`verify --require CONDITION\` ends with exit code 1 unless the condition holds on every device. Conditions on shares and quantiles speak of all chips that could be made, on the examples judged, with ${100 * usualConfidence} % confidence; \`@0.99\` behind a condition asks for more. They are refused before any work where the draws could not show them: at least ${needed.join(', ')} of the chips. Means and extremes are those of the sampled chips. MEASURE is \`acc\`, \`top5\` or \`mse\`; comparisons are \`>=\`, \`>\`, \`<=\`, \`<\`. A chip with outputs that are no numbers counts as failed.`;
}

const requirementRows = [
  [
    '`yield(acc>=0.8)>=0.95`',
    "the share of all chips that reach 80 %: Clopper and Pearson's one-sided bound",
  ],
  ['`p05(acc)>=0.8`, `p95(mse)<=0.1`', 'the quantile of all chips: the bound by order statistics'],
  ['`mean(acc)>=0.8@0.95`', 'the mean over all chips and examples: its one-sided bound'],
  ['`mean(acc)>=0.8`', 'the mean of the sampled chips, as it is'],
  ['`min(acc)>=0.7`, `max(mse)<=1`, `std(acc)<=0.05`', 'the sampled chips, as they are'],
  ['`clean(acc)>=0.9`', 'the model without noise'],
];

function commandText({ name, summary, positional, options, examples }: Command): string {
  const body = Object.entries<Option<unknown>>(options).map(
    ([option, { alias, value, describe, default: given, required }]) => [
      `\`--${option}\`${alias ? `, \`-${alias}\`` : ''}${value ? ` ${value}` : ''}`,
      describe,
      required ? 'required' : given === undefined || given === false ? '' : `\`${[given].flat().join(',')}\``,
    ],
  );
  const usage = `temper ${name}${positional ? ` ${positional.name.toUpperCase()}` : ''} [options]`;
  const lines = examples.map(([line, what]) => `${what ? `# ${what}\n` : ''}temper ${line}`);
  return [
    `## temper ${name}`,
    summary,
    `\`\`\`sh\n${usage}\n\n${lines.join('\n')}\n\`\`\``,
    ...(positional ? [`${positional.name.toUpperCase()}: ${positional.describe}.`] : []),
    rows(['option', 'what', 'default'], body),
  ].join('\n\n');
}

function schemaText(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
}

/** Every generated file by its path in the repository. */
export function generatedDocs(): Record<string, string> {
  return {
    'docs/benchmarks.md': benchmarksPage(new URL('../bench/results/', import.meta.url)),
    'docs/cli.md': cliPage(),
    'docs/devices.md': devicesPage(),
    'docs/methods.md': methodsPage(),
    'docs/operators.md': operatorsPage(),
    'docs/recipe.schema.json': schemaText(recipeSchema),
    'docs/report.schema.json': schemaText(reportSchema),
    'docs/third-party.md': thirdPartyPage(fileURLToPath(new URL('../package-lock.json', import.meta.url))),
    'models/README.md': modelsPage(),
  };
}

const root = fileURLToPath(new URL('..', import.meta.url));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [path, content] of Object.entries(generatedDocs())) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}
