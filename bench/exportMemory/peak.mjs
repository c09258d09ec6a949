// Preloaded into the measured process: writes its largest resident size, in bytes, when it ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.TEMPER_PEAK, String(process.resourceUsage().maxRSS * 1024)));
