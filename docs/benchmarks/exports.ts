/** What integer codes cost: bench/exports.ts. */
import { z } from 'zod';
import { megabytes, percent, rows } from '../markdown.js';
import { measuredSchema, occasion } from './occasion.js';
import { defineSection, notMeasured } from './section.js';

const schema = z.object({
  rows: z.array(
    z.object({
      model: z.string(),
      data: z.object({ name: z.string(), pictures: z.int() }),
      exports: z.array(
        z.object({
          form: z.string(),
          accuracy: z.number(),
          points: z.number(),
          deployAccuracy: z.number(),
          bytes: z.int(),
        }),
      ),
      measured: measuredSchema,
    }),
  ),
});
type Content = z.infer<typeof schema>;

/** The largest distance from float over all models, in points. */
function worst({ rows: models }: Content, form: string): { points: number; model: string } | undefined {
  return models
    .flatMap(({ model, exports }) =>
      exports.filter((row) => row.form === form).map(({ points }) => ({ points, model })),
    )
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))[0];
}

const told = ({ points, model }: { points: number; model: string }) => `${points} points (${model})`;

export const exports = defineSection({
  result: 'exports',
  title: 'Integer codes',
  what: 'Accuracy on the full test split and file size of the models of `models/`, exported as float and as INT8 and INT4 codes. Exact: computed as the file says. Deploy: as onnxruntime does by default, which may round activations to 8 bits.',
  command: 'npm run bench:exports -- DATA_SPEC MODEL...',
  repeats: 'Nothing is drawn: each figure is one measurement that comes out the same again.',
  schema,
  asks: [
    {
      asked: 'INT8 within 0.3 points of float',
      answer(content) {
        const [usual, tensor] = [worst(content, 'INT8 per channel'), worst(content, 'INT8 per tensor')];
        if (!usual) return notMeasured;
        return {
          figure: `furthest: per channel (the default) ${told(usual)}${tensor ? `, per tensor ${told(tensor)}` : ''}; ${content.rows.length} models`,
          met: Math.abs(usual.points) <= 0.3,
        };
      },
    },
  ],
  tables: ({ rows: models }) => [
    rows(
      ['model', 'form', 'exact', 'points', 'deploy', 'size', 'measured'],
      models.flatMap(({ model, exports: forms, measured }) =>
        forms.map(({ form, accuracy, points, deployAccuracy, bytes }) => [
          model,
          form,
          percent(accuracy, 2),
          form === 'float' ? '' : points.toFixed(2),
          percent(deployAccuracy, 2),
          megabytes(bytes),
          occasion(measured),
        ]),
      ),
    ),
  ],
});
