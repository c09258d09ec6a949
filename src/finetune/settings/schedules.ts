/**
 * Learning rate and noise strength of each step, in plain arithmetic: the program only sees today's value.
 * Cosine: Loshchilov and Hutter, SGDR, ICLR 2017 (one period). Linear warm-up: Goyal et al., arXiv 1706.02677.
 */
import { TemperError } from '../../errors.js';

export const scheduleNames = ['constant', 'step', 'cosine'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

export interface Schedule {
  readonly name: ScheduleName;
  /** The highest learning rate, reached after the warm-up. */
  readonly learningRate: number;
  /** Fraction of all steps over which the rate rises linearly to `learningRate`. */
  readonly warmUp: number;
  /** `step`: the rate is multiplied by `factor` at each of these fractions of all steps. */
  readonly milestones: readonly number[];
  readonly factor: number;
}

/** A schedule as asked for: `auto` = the highest rate is found by trials (choice/choose.ts). */
export interface PlannedSchedule extends Omit<Schedule, 'learningRate'> {
  readonly learningRate: number | 'auto';
}

export const scheduleDefaults: PlannedSchedule = {
  name: 'cosine',
  learningRate: 'auto',
  warmUp: 0,
  milestones: [0.5, 0.75],
  factor: 0.1,
};

/** The rate of step 0 ... total - 1. The first step of a warm-up of n steps has rate 1/n of the highest, the n-th all of it. */
export function learningRateAt(schedule: Schedule, step: number, total: number): number {
  const warmUpSteps = Math.round(schedule.warmUp * total);
  if (step < warmUpSteps) return (schedule.learningRate * (step + 1)) / warmUpSteps;
  if (schedule.name === 'constant') return schedule.learningRate;
  if (schedule.name === 'step') {
    const passed = schedule.milestones.filter((milestone) => step >= Math.round(milestone * total)).length;
    return schedule.learningRate * schedule.factor ** passed;
  }
  const progress = (step - warmUpSteps) / Math.max(1, total - warmUpSteps);
  return schedule.learningRate * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/** Strength of the perturbation: 0 at step 0, rising linearly to 1 over the first `ramp` of all steps (0 = at once). */
export function noiseStrengthAt(ramp: number, step: number, total: number): number {
  const rampSteps = Math.round(ramp * total);
  return step < rampSteps ? step / rampSteps : 1;
}

/** Throws TemperError('usage') with everything that is wrong. */
export function checkSchedule(schedule: PlannedSchedule): void {
  const isFraction = (value: number) => value >= 0 && value <= 1;
  const problems = [
    ...(scheduleNames.includes(schedule.name)
      ? []
      : [{ what: `unknown schedule "${schedule.name}"`, hint: `schedules are ${scheduleNames.join(', ')}` }]),
    ...(schedule.learningRate === 'auto' ||
    (schedule.learningRate >= 0 && Number.isFinite(schedule.learningRate))
      ? []
      : [{ what: `learning rate ${schedule.learningRate} is not a number of at least 0` }]),
    ...(isFraction(schedule.warmUp)
      ? []
      : [{ what: `warm-up ${schedule.warmUp} is not a fraction of the run, 0 ... 1` }]),
    ...schedule.milestones
      .filter((milestone) => !isFraction(milestone))
      .map((milestone) => ({ what: `milestone ${milestone} is not a fraction of the run, 0 ... 1` })),
    ...(schedule.factor > 0 && Number.isFinite(schedule.factor)
      ? []
      : [{ what: `factor ${schedule.factor} of the step schedule is not positive` }]),
  ];
  if (problems.length > 0) throw new TemperError('usage', problems);
}
