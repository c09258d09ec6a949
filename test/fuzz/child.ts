/** A process that reads, inspects and imports damaged files. */
import { load } from './load.js';
import { serve } from './serve.js';

serve(load);
