/**
 * Writes the generated pages from the code, the training logs and the results of the benchmarks: `npm run docs`.
 * The structure tests refuse pages that lag behind.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { recipeSchema } from '../src/cli/run/recipe.js';
import { devicesText } from '../src/devices/index.js';
import { methodsText } from '../src/finetune/methods/index.js';
import { optimizers } from '../src/finetune/optimizers/index.js';
import { newestImported, oldestImported } from '../src/import/opsets.js';
import { unrollLimit } from '../src/network/control/budget.js';
import type { Operator } from '../src/network/operator.js';
import { operators } from '../src/network/operators.js';
import { neurons } from '../src/neurons/index.js';
import { reportSchema } from '../src/report/report.js';
import { benchmarksPage } from './benchmarks/page.js';
import { cliPage } from './cli.js';
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
