/** docs/cli.md: every command and option, the data, requirements and exit codes, from the code. */

import { commands } from '../src/cli/commands.js';
import { trainingOptions } from '../src/cli/options/training.js';
import type { Command } from '../src/cli/parse/command.js';
import { isRequired, type Option, type Options, usualOf } from '../src/cli/parse/option.js';
import { bugExitCode } from '../src/cli/terminal/failure.js';
import { readers } from '../src/data/readers.js';
import { scalings } from '../src/data/scalings.js';
import { specForm } from '../src/data/spec.js';
import { type ErrorKind, exitCodes } from '../src/errors.js';
import { drawsNeeded, usualConfidence } from '../src/verify/statistics/tolerance.js';
import { page, rows } from './markdown.js';

export function cliPage(): string {
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
    '## Training options',
    'Of `temper harden` and `temper finetune`.',
    optionRows('training', trainingOptions),
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
    rows(['code', 'name in JSON', 'meaning'], exitCodeRows),
    'A start that fails is 4 if a library is missing or made for another machine, or if fewer than 384 files may be open at once (`ulimit -n`, the hard limit), and 70 otherwise; below about 20 file handles Node itself does not start. A process ended by the system keeps the code that the shell gives it, 128 and the number of the signal.',
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

/** Kinds of errors as `--json` names them. */
const meanings: Record<ErrorKind, string> = {
  requirement:
    'the work was done, and its result is not good enough: a `--require` is not met, or what `harden` made is worse than the model that went in (rejected.onnx)',
  usage:
    'the command is not understood: options, their values, or what they ask of these data; nothing was begun',
  model:
    'the model or the data are broken, not supported, or too much for the limits that were given; or training diverged. Everything that is wrong is listed',
  io: 'a file cannot be read or written, is damaged, or is in use; or a library does not open',
  interrupted: 'stopped by the user (Ctrl-C, SIGTERM); `harden` and `finetune --checkpoint` go on from there',
};
const exitCodeRows = [
  ['0', '', 'done, and every `--require` met'],
  ...(Object.keys(meanings) as ErrorKind[]).map((kind) => [String(exitCodes[kind]), kind, meanings[kind]]),
  [String(bugExitCode), 'bug', 'a fault of temper: the message asks for a report'],
];

/** @param prefix of the anchors: `PREFIX-OPTION` */
function optionRows(prefix: string, options: Options): string {
  const body = Object.entries<Option>(options).map(([name, option]) => {
    const { alias, value, describe } = option;
    const usual = usualOf(option);
    return [
      `<a id="${prefix}-${name}"></a>\`--${name}\`${alias ? `, \`-${alias}\`` : ''}${value ? ` ${value}` : ''}`,
      describe,
      isRequired(option)
        ? 'required'
        : usual === undefined || usual === false
          ? ''
          : `\`${[usual].flat().join(',')}\``,
    ];
  });
  return rows(['option', 'what', 'default'], body);
}

const isTraining = ([name, option]: [string, Option]) => (trainingOptions as Options)[name] === option;

function commandText({ name, summary, positional, options, examples }: Command): string {
  const all = Object.entries<Option>(options);
  const own = all.filter((entry) => !isTraining(entry));
  const usage = `temper ${name}${positional ? ` ${positional.name.toUpperCase()}` : ''} [options]`;
  const lines = examples.map(([line, what]) => `${what ? `# ${what}\n` : ''}temper ${line}`);
  return [
    `## temper ${name}`,
    summary,
    `\`\`\`sh\n${usage}\n\n${lines.join('\n')}\n\`\`\``,
    ...(positional ? [`${positional.name.toUpperCase()}: ${positional.describe}.`] : []),
    optionRows(name, Object.fromEntries(own)),
    ...(own.length < all.length ? ['And the [training options](#training-options).'] : []),
  ].join('\n\n');
}
