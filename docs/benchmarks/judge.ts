/** The judge is right: bench/judge.ts, and what it is compared with. */
import { z } from 'zod';
import { asked as given, standardErrors } from '../../bench/judge/asked.js';
import { percent, rows } from '../markdown.js';
import { type Ask, defineSection } from './section.js';

const schema = z.object({
  model: z.string(),
  clean: z.number(),
  pictures: z.int(),
  chips: z.int(),
  runs: z.array(z.object({ device: z.string(), mean: z.number(), std: z.number() })),
});
type Content = z.infer<typeof schema>;

/** Standard errors by which two measurements of the same may differ. */
const tolerance = 3;

const agreement = ({ sigma, mean, std }: (typeof given.runs)[number]): Ask<Content> => ({
  asked: `gaussian:${sigma}: mean within ${tolerance} standard errors of ${percent(mean)} (standard deviation over ${given.chips} chips ${percent(std)})`,
  answer({ runs, chips }) {
    const run = runs.find(({ device }) => device === `gaussian:${sigma}`);
    if (!run) return { figure: 'not measured', met: undefined };
    const z = standardErrors({ ...run, chips }, { mean, std, chips: given.chips });
    return {
      figure: `${percent(run.mean)} (${percent(run.std)}): ${z.toFixed(1)} standard errors`,
      met: Math.abs(z) <= tolerance,
    };
  },
});

export const judge = defineSection({
  result: 'judge',
  title: 'The judge',
  what: 'The third-party ResNet-20 for CIFAR-10 (`amandashi_resnet20.onnx`): clean on all 10,000 test pictures, and over chips on the first 1,000.',
  command: 'npm run bench:judge -- CIFAR10_DIR',
  repeats: 'Chips of seed 1.',
  schema,
  asks: [
    {
      asked: `clean ${percent(given.clean, 2)} on all 10,000 pictures`,
      answer: ({ clean }) => ({ figure: percent(clean, 2), met: Math.abs(clean - given.clean) < 5e-5 }),
    },
    ...given.runs.map(agreement),
  ],
  tables: ({ runs, chips, pictures }) => [
    rows(
      ['device', 'mean', 'standard error over chips', 'standard deviation over chips', 'chips', 'pictures'],
      runs.map((run) => chipRow(run, chips, pictures)),
    ),
  ],
});

const independentSchema = z.object({
  clean: z.number(),
  pictures: z.int(),
  chips: z.int(),
  runs: z.array(z.object({ sigma: z.number(), mean: z.number(), std: z.number() })),
});

export const judgeIndependent = defineSection({
  result: 'judge_independent',
  title: 'The judge, measured without Temper',
  what: "The same model and pictures in Python: numpy's noise, onnxruntime's Python binding, weights fed as inputs, own reading of the data and own score. Not asked for; it tells whether the figures asked for are met for the right reason.",
  command: 'python bench/judge_independent.py MODEL CIFAR10_DIR',
  repeats: 'Chips of seed 20261123.',
  schema: independentSchema,
  asks: [],
  tables: ({ clean, runs, chips, pictures }) => [
    `Clean, all 10,000 pictures: ${percent(clean, 2)}.`,
    rows(
      ['device', 'mean', 'standard error over chips', 'standard deviation over chips', 'chips', 'pictures'],
      runs.map(({ sigma, ...run }) => chipRow({ device: `gaussian:${sigma}`, ...run }, chips, pictures)),
    ),
  ],
});

const chipSchema = z.record(
  z.string(),
  z.object({ plainOnnxruntime: z.number(), draw: z.number(), equal: z.boolean() }),
);

export const judgeChip = defineSection({
  result: 'judge_chip',
  title: 'A written chip',
  what: 'A chip written with `--write-chip`, scored in Python by plain onnxruntime, one picture at a time, beside the draw of that chip.',
  command: 'python bench/judge_chip.py chip37.onnx CIFAR10_DIR gaussian:0.05 37',
  repeats: 'Chips of seed 1, the first 1,000 pictures.',
  schema: chipSchema,
  asks: [
    {
      asked: '`--write-chip 37` writes a file that plain onnxruntime scores exactly as draw 37',
      answer(content) {
        const chips = Object.entries(content);
        const equal = chips.filter(([, { plainOnnxruntime, draw }]) => plainOnnxruntime === draw);
        return {
          figure: `${equal.length} of ${chips.length} files score exactly as their draw`,
          met: chips.length > 0 && equal.length === chips.length,
        };
      },
    },
  ],
  tables: (content) => [
    rows(
      ['chip', 'as a draw', 'as a file in plain onnxruntime'],
      Object.entries(content).map(([chip, { draw, plainOnnxruntime }]) => [
        chip,
        percent(draw),
        percent(plainOnnxruntime),
      ]),
    ),
  ],
});

function chipRow(run: { device: string; mean: number; std: number }, chips: number, pictures: number) {
  const { device, mean, std } = run;
  return [
    device,
    percent(mean),
    percent(std / Math.sqrt(chips), 2),
    percent(std),
    String(chips),
    String(pictures),
  ];
}
