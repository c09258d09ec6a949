/** What spiking costs: bench/snn.ts. */
import { z } from 'zod';
import { percent, rows } from '../markdown.js';
import { measuredSchema, occasion } from './occasion.js';
import { defineSection, notMeasured } from './section.js';

const schema = z.object({
  rows: z.array(
    z.object({
      model: z.string(),
      data: z.object({ name: z.string(), pictures: z.int() }),
      ann: z.number(),
      snn: z.array(z.object({ timesteps: z.int(), accuracy: z.number(), points: z.number() })),
      eager: z.object({
        timesteps: z.int(),
        classes: z.object({ pictures: z.int(), equal: z.int(), reason: z.string().optional() }),
        layers: z.object({
          pictures: z.int(),
          steps: z.int(),
          spikes: z.int(),
          differing: z.int(),
          farFromThreshold: z.int(),
        }),
      }),
      measured: measuredSchema,
    }),
  ),
});

/** The network and the number of time steps that issue 2 names. */
const subject = 'cifar10-vgg5.onnx';
const timesteps = 32;

export const snn = defineSection({
  result: 'snn',
  title: 'Spiking networks',
  what: 'Accuracy of networks and of their spiking forms after T time steps in onnxruntime, thresholds from training pictures; and the exported file against the eager run on tfjs.',
  command: 'npm run bench:snn -- DATA_SPEC MODEL --limit N',
  repeats:
    'Calibration pictures of seed 0; nothing else is drawn. Of n pictures, an accuracy p has the standard error sqrt(p (1 - p) / n).',
  schema,
  asks: [
    {
      asked: `narrow VGG-5 at T = ${timesteps} within 2 points of its ANN`,
      answer({ rows: models }) {
        const row = models.find(({ model }) => model === subject);
        const found = row?.snn.find((run) => run.timesteps === timesteps);
        if (!row || !found) return notMeasured;
        return {
          figure: `${percent(found.accuracy, 2)}, ANN ${percent(row.ann, 2)}: ${found.points} points (${row.data.pictures} pictures)`,
          met: found.points >= -2,
        };
      },
    },
    {
      asked: 'the same class as the eager run on at least 99 of 100 pictures',
      answer({ rows: models }) {
        const found = models.map(({ model, eager: { classes } }) => ({ model, ...classes }));
        if (found.length === 0) return notMeasured;
        const differing = found.some(({ pictures, equal }) => pictures - equal > 1);
        const few = found.some(({ pictures }) => pictures < 100);
        return {
          figure: found.map(({ model, equal, pictures }) => `${model} ${equal} of ${pictures}`).join(', '),
          met: differing ? false : few ? undefined : true,
        };
      },
    },
    {
      asked:
        'layer by layer on equal inputs the same spikes, but where a potential lies within 1e-5 of its threshold',
      answer({ rows: models }) {
        if (models.length === 0) return notMeasured;
        const layers = models.map(({ eager }) => eager.layers);
        const sum = (key: 'spikes' | 'differing' | 'farFromThreshold') =>
          layers.reduce((total, layer) => total + layer[key], 0);
        return {
          figure: `of ${sum('spikes')} spikes ${sum('differing')} differ, ${sum('farFromThreshold')} of them far from the threshold`,
          met: sum('farFromThreshold') === 0,
        };
      },
    },
  ],
  tables: ({ rows: models }) => [
    rows(
      ['model', 'pictures', 'ANN', 'T', 'SNN', 'points', 'measured'],
      models.flatMap(({ model, data, ann, snn: runs, measured }) =>
        runs.map((run) => [
          model,
          String(data.pictures),
          percent(ann, 2),
          String(run.timesteps),
          percent(run.accuracy, 2),
          run.points.toFixed(2),
          occasion(measured),
        ]),
      ),
    ),
    'That the exported loop equals the eager run exactly on a net with dyadic weights, inputs and thresholds is a test: `test/finetune/snn/convert.test.ts`.',
  ],
});
