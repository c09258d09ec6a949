/** `temper export`: the export stage alone. */
import { exportModel } from '../../export/exportModel.js';
import { checkCrossbarFile, crossbarPath, writeExport } from '../../export/writeExport.js';
import { checkRange } from '../../mapping/conductance.js';
import { arrange } from '../../mapping/digital.js';
import { byteSize } from '../../report/words.js';
import { Findings } from '../open/findings.js';
import { readSound } from '../open/sound.js';
import { apartOptions, askedOf } from '../options/apart.js';
import { digitalOf, digitalOptions } from '../options/digital.js';
import { exportOptions, exportSettings } from '../options/export.js';
import { failureOptions } from '../options/terminal.js';
import { defineCommand } from '../parse/command.js';
import { text } from '../parse/option.js';
import { checkOutputs, makeFolderOf } from '../write/outputFile.js';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Writes a model as ONNX, its weights as integer codes with their conductances if asked.',
  positional: { name: 'model', describe: 'ONNX file' },
  options: {
    out: text('the exported model; crossbar.json is written beside it', {
      value: 'FILE',
      alias: 'o',
      required: true,
    }),
    ...digitalOptions,
    ...exportOptions,
    ...apartOptions,
    ...failureOptions,
  },
  examples: [
    ['export tuned.onnx --bits 8 --out chip.onnx', 'INT8 codes, one scale for each output channel'],
    ['export tuned.onnx --bits 8 --digital fc.weight,Gemm --out chip.onnx', 'some layers stay digital'],
    ['export tuned.onnx --bits 4 --fold-batch-norm --g-min 0.1 --g-max 25 --out chip.onnx', ''],
  ],
  async run(values, terminal) {
    const settings = { ...exportSettings(values), digital: digitalOf(values.digital) };
    const findings = new Findings();
    await findings.from(() => checkRange(settings.conductance!));
    const model = (await findings.from(() => readSound(values.input)))?.model;
    const beside = settings.bits && (await findings.from(() => crossbarPath(values.out)));
    await findings.from(() => checkOutputs([values.out, beside || undefined], [values.input]));
    if (model && settings.digital) await findings.from(() => arrange(model, settings.digital));
    if (beside) await findings.from(() => checkCrossbarFile(values.out));
    findings.refuse();
    await makeFolderOf(values.out);
    const exported = exportModel(model!, settings);
    const note = (text: string) => terminal.note(`note: ${text}`);
    const written = await writeExport(values.out, exported, {
      source: values.input,
      note,
      limits: askedOf(values),
    });
    for (const note of exported.notes) terminal.note(`note: ${note}`);
    for (const { path, bytes } of written) terminal.print(`wrote ${path}  ${byteSize(bytes)}`);
  },
});
