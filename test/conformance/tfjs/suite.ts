/** Runs test files of tfjs-core with jasmine on the lazy backend, in this process, one after the other. */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { ready, runs } from './evaluate.js';
import { lazyBackend, registerLazyBackend } from './lazyBackend.js';

export interface SpecResult {
  file: string;
  /** Suites and spec, joined by blanks, without the name of the file. */
  name: string;
  /** What went wrong; empty: passed. */
  failures: string[];
  /** Whether onnxruntime ran for it. */
  computed: boolean;
}

const require = createRequire(import.meta.url);
const core = '@tensorflow/tfjs-core/dist';

/** @param files  below tfjs-core's dist, without `_test.js`: `ops/add` */
export async function runFiles(files: readonly string[]): Promise<SpecResult[]> {
  const results: SpecResult[] = [];
  const jasmine = require('jasmine-core').boot();
  // The tests import the modules of tfjs-core one by one, the product its bundle: they share one engine, by the global object.
  const { engine } = require(`${core}/index.js`) as typeof tf;
  if (engine() !== tf.engine()) throw new Error('the tests have an engine of their own');
  registerLazyBackend();
  require(`${core}/jasmine_util.js`).setTestEnvs([
    { name: lazyBackend, backendName: lazyBackend, isDataSync: true },
  ]);

  for (const file of files) {
    (globalThis as any).describe(file, () => {
      require(`${core}/${file}_test.js`);
    });
  }
  await ready;
  let before = runs.count;
  const env = jasmine.getEnv();
  env.configure({ random: false });
  env.addReporter({
    specDone({ fullName, status, failedExpectations }: any) {
      const computed = runs.count > before;
      before = runs.count;
      if (status === 'excluded' || status === 'pending') return;
      const file = files.find((candidate) => fullName.startsWith(`${candidate} `))!;
      const failures = failedExpectations.map(({ message }: { message: string }) => message);
      results.push({ file, name: fullName.slice(file.length + 1), failures, computed });
    },
  });
  await env.execute();
  return results;
}
