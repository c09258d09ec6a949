/** Work for the process apart that ends badly, or well. */
import { TemperError } from '../../src/errors.js';

const endings: Record<string, () => unknown> = {
  pid: () => process.pid,
  crash: () => process.kill(process.pid, 'SIGFPE'),
  spin: () => {
    for (;;);
  },
  grow: () => {
    const held: Uint8Array[] = [];
    for (;;) held.push(new Uint8Array(2 ** 24).fill(1));
  },
  refuse: () => {
    throw new TemperError('model', { what: 'refused in words' });
  },
};

export async function work(ending: string, doing: (what: string) => void): Promise<unknown> {
  doing(`asked for: ${ending}`);
  return endings[ending]!();
}
