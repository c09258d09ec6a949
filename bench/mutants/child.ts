/** A process that imports and verifies damaged files as the commands do. */
import { load } from '../../test/fuzz/load.js';
import { serve } from '../../test/fuzz/serve.js';
import { judge } from './judge.js';

serve(async (path) => {
  const loaded = await load(path);
  const readable = loaded.kind === 'imported' || loaded.kind === 'refused by import';
  return readable ? judge(path) : loaded;
});
