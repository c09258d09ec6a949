/** How long a timer may wait: Node.js fires one at once that is to wait longer than it can count. */

/** Milliseconds, https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const longestDelay = 2 ** 31 - 1;

/** Milliseconds for a timer. Who asks for more than 24 days gets these. */
export function delayOf(seconds: number): number {
  return Math.min(1000 * seconds, longestDelay);
}
