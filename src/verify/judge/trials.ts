/** Everything one verification judges, in order: for each model itself, then each device's chips. */
import type { CompiledDevice } from '../chips/deviceProgram.js';
import type { Score } from '../statistics/scores.js';
import type { PoolTrial } from './pool.js';

/** One trial judged: a model as it stands (without device), or one chip. */
export interface VerifyProgress {
  done: number;
  total: number;
  model: 'model' | 'against';
  device?: string;
  chip?: number;
  score: Score;
}

export function trialsOf(models: number, devices: number, draws: number): PoolTrial[] {
  const trials: PoolTrial[] = [];
  for (let model = 0; model < models; model++) {
    trials.push({ model, chip: 0 });
    for (let device = 0; device < devices; device++) {
      for (let chip = 0; chip < draws; chip++) trials.push({ model, device, chip });
    }
  }
  return trials;
}

/** The scores of one model: of itself, or of a device's chips 0, 1, 2, ... */
export function scoresOf(
  trials: readonly PoolTrial[],
  scores: readonly Score[],
  model: number,
  device?: number,
): Score[] {
  return scores.filter((_, i) => trials[i]!.model === model && trials[i]!.device === device);
}

/** Turns each score into a progress event. */
export function progressOf(
  onProgress: ((event: VerifyProgress) => void) | undefined,
  trials: readonly PoolTrial[],
  devices: readonly CompiledDevice[],
): (job: number, score: Score) => void {
  let done = 0;
  return (job, score) => {
    const { model, device, chip } = trials[job]!;
    onProgress?.({
      done: ++done,
      total: trials.length,
      model: model === 0 ? 'model' : 'against',
      ...(device !== undefined && { device: devices[device]!.device.spec, chip }),
      score,
    });
  };
}
