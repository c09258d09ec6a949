/** Everything one verification judges, in order: for each model itself, then each device's chips. */
import type { Device } from '../../devices/index.js';
import type { VerifyOptions } from '../options.js';
import type { Score } from '../statistics/scores.js';
import type { PoolSubject } from './pool.js';

export function subjectsOf(models: number, devices: number, draws: number): PoolSubject[] {
  const subjects: PoolSubject[] = [];
  for (let model = 0; model < models; model++) {
    subjects.push({ model, chip: 0 });
    for (let device = 0; device < devices; device++) {
      for (let chip = 0; chip < draws; chip++) subjects.push({ model, device, chip });
    }
  }
  return subjects;
}

/** The scores of one model: of itself, or of a device's chips 0, 1, 2, ... */
export function scoresOf(
  subjects: readonly PoolSubject[],
  scores: readonly Score[],
  model: number,
  device?: number,
): Score[] {
  return scores.filter((_, i) => subjects[i]!.model === model && subjects[i]!.device === device);
}

/** Turns each score into a progress event. */
export function progressOf(
  onProgress: VerifyOptions['onProgress'],
  subjects: readonly PoolSubject[],
  devices: readonly Device[],
): (job: number, score: Score) => void {
  let done = 0;
  return (job, score) => {
    const { model, device, chip } = subjects[job]!;
    onProgress?.({
      done: ++done,
      total: subjects.length,
      model: model === 0 ? 'model' : 'against',
      ...(device !== undefined && { device: devices[device]!.spec, chip }),
      score,
    });
  };
}
