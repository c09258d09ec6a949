/**
 * The sign of life in a lock: a number that a thread of its own counts up, whatever the rest of the process is busy with.
 * Watchers only ask whether it changes, so no clock is compared with another.
 */
import { Worker } from 'node:worker_threads';

/** Digits of the number, at the end of the file. */
export const digits = 12;

export interface Heartbeat {
  stop(): Promise<void>;
}

interface Orders {
  file: string;
  /** Where the number lies in the file. */
  position: number;
  every: number;
  digits: number;
}

/** @param onLost called once if the file is gone: somebody took this process for dead */
export function startHeartbeat(orders: Omit<Orders, 'digits'>, onLost: () => void): Heartbeat {
  const worker = new Worker(`(${beat})(require('node:fs'), require('node:worker_threads'))`, {
    eval: true,
    workerData: { ...orders, digits },
    // The thread needs next to nothing, and must not inherit what was loaded for the main one.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  });
  worker.once('message', onLost);
  // A thread that cannot run gives no signs; the lock then counts as any other without them.
  worker.on('error', () => {});
  worker.unref();
  return { stop: async () => void (await worker.terminate()) };
}

/** Runs in the thread, from its own text: it may use nothing of this module. */
function beat(fs: typeof import('node:fs'), threads: typeof import('node:worker_threads')): void {
  const { file, position, every, digits: width } = threads.workerData as Orders;
  let beats = 0;
  const once = () => {
    let opened: number | undefined;
    try {
      // Opened each time: on network file systems that is what makes two machines see the same (nfs(5)).
      opened = fs.openSync(file, 'r+');
      fs.writeSync(opened, String(++beats).padStart(width, '0'), position);
      fs.fdatasyncSync(opened);
    } catch (error) {
      // A full or absent file system may come back; a file that was removed does not.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        clearInterval(timer);
        threads.parentPort!.postMessage('lost');
      }
    } finally {
      if (opened !== undefined) fs.closeSync(opened);
    }
  };
  const timer = setInterval(once, every);
}
