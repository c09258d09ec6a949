/** A process that checks the cases it is sent: a crash inside onnxruntime takes one case with it, not the run. */
import { checkCase } from './check.js';

process.on('message', async (folder: string) => {
  const verdict = await checkCase(folder).catch((error: Error) => ({
    operators: [],
    bound: [],
    failures: { compiled: error.message, cpu: error.message },
  }));
  process.send!(verdict);
});
process.on('disconnect', () => process.exit(0));
process.send!('ready');
