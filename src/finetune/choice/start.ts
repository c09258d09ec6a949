/** Where training starts once a clip is chosen: weights limited to their bounds, everything else as it came. */
import { float32 } from '../../compile/index.js';
import type { HostTensors } from '../host.js';
import type { Run } from '../run.js';
import { networkValues, stateNames } from '../state.js';
import { boundsOf, type Clip, clippedValues } from './clips.js';

export function clippedState({ initialState, clipped, feeds }: Run, clip: Clip): HostTensors {
  const { axes } = feeds.stepOptions;
  const state = { ...initialState };
  for (const parameter of clipped) {
    const bounds = boundsOf(parameter, axes, clip);
    state[stateNames.bound(parameter.name)] = bounds;
    const values = clippedValues(parameter, axes, bounds);
    state[stateNames.parameter(parameter.name)] = float32(parameter.shape, values);
  }
  return state;
}

/** The same as values of the network, by parameter name. */
export function clippedNetwork(run: Run, clip: Clip): HostTensors {
  return networkValues(run.options.network, clippedState(run, clip));
}
