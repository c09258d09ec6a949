/** `temper report`: the page of a report, made anew from its JSON. */
import { readFile } from 'node:fs/promises';
import { readHint, TemperError } from '../../errors.js';
import { renderCurve } from '../../report/curve.js';
import { renderReport } from '../../report/renderReport.js';
import { parseReport } from '../../report/report.js';
import { failureOptions } from '../options/terminal.js';
import { defineCommand } from '../parse/command.js';
import { text } from '../parse/option.js';
import { checkOutputs, writeWhole } from '../write/outputFile.js';

export const reportCommand = defineCommand({
  name: 'report',
  summary: 'Makes the page of a report from its JSON.',
  positional: { name: 'file', describe: 'report.json of temper verify or temper harden' },
  options: {
    out: text('the page; left out, the name of the JSON file with .html', { value: 'FILE', alias: 'o' }),
    svg: text('also write the curve alone, as a picture', { value: 'FILE' }),
    ...failureOptions,
  },
  examples: [['report runs/demo/report.json', 'writes runs/demo/report.html']],
  async run({ input, svg, out = `${input.replace(/\.json$/, '')}.html` }, terminal) {
    const json = await readFile(input, 'utf8').catch((cause) => {
      throw new TemperError(
        'io',
        { what: `the report cannot be read (${cause.code})`, where: input, ...readHint(cause) },
        { cause },
      );
    });
    const report = parseReport(json, input);
    await checkOutputs([out, svg], [input]);
    await writeWhole(out, renderReport(report));
    if (svg) await writeWhole(svg, renderCurve(report));
    terminal.print(`wrote ${[out, svg].filter(Boolean).join(', ')}`);
  },
});
