/** How far a long piece of work is: a bar with the time left on a terminal, now and then a line elsewhere. */
import { MultiBar } from 'cli-progress';
import { linesOf, type Terminal } from './terminal.js';

export interface Progress {
  /** Begins a piece of work of `total` units, of which `done` were done by an earlier start. */
  start(what: string, total: number, done?: number): void;
  /** `done` units are done. `detail` is shown at the end of the line. */
  update(done: number, detail?: string): void;
  /** A line that stays on the screen. */
  line(text: string): void;
  /** Ends the piece of work; `result` stays on the screen. */
  finish(result?: string): void;
  /** Ends whatever is shown, without a word: for failures. */
  stop(): void;
}

const silent: Progress = { start() {}, update() {}, line() {}, finish() {}, stop() {} };

export function createProgress(terminal: Terminal, quiet: boolean): Progress {
  if (quiet) return silent;
  return terminal.interactive ? barProgress(terminal) : lineProgress(terminal);
}

function barProgress(terminal: Terminal): Progress {
  let bars: MultiBar | undefined;
  let bar: ReturnType<MultiBar['create']> | undefined;
  let what = '';
  let size = 0;
  const close = () => {
    bars?.stop();
    bars = undefined;
  };
  return {
    start(name, total, done = 0) {
      close();
      what = linesOf(name);
      size = total;
      bars = new MultiBar({
        format: '{what} {bar} {percentage} %  {eta_formatted} left  {detail}',
        barsize: 24,
        hideCursor: true,
        clearOnComplete: true,
        etaBuffer: 50,
        stopOnComplete: false,
        gracefulExit: false, // Ctrl-C is ours: it ends at a point from which the run can go on
        stream: process.stderr,
      });
      bar = bars.create(total, done, { what, detail: '' });
    },
    update(done, detail = '') {
      bar?.update(Math.min(done, size), { detail: linesOf(detail) });
    },
    line(text) {
      if (bars) bars.log(`${linesOf(text)}\n`);
      else terminal.note(text);
    },
    finish(result) {
      close();
      if (result) terminal.note(`${what}: ${result}`);
    },
    stop: close,
  };
}

/** Seconds between two lines; doubles with each line up to `slowest`, so that a log of hours stays readable. */
const firstInterval = 5;
const slowest = 60;

function lineProgress(terminal: Terminal): Progress {
  let what = '';
  let size = 0;
  let first = 0;
  let began = 0;
  let next = 0;
  let interval = firstInterval;
  return {
    start(name, total, done = 0) {
      [what, size, first, began, interval] = [name, total, done, Date.now(), firstInterval];
      next = began + interval * 1000;
    },
    update(done, detail) {
      const now = Date.now();
      if (now < next || done <= first) return;
      interval = Math.min(interval * 2, slowest);
      next = now + interval * 1000;
      const left = ((now - began) / (done - first)) * (size - done);
      const percent = Math.floor((100 * done) / Math.max(1, size));
      terminal.note(`${what}: ${percent} %, ${duration(left / 1000)} left${detail ? `, ${detail}` : ''}`);
    },
    line: (text) => terminal.note(text),
    stop() {},
    finish(result) {
      terminal.note(`${what}: ${result ?? 'done'} (${duration((Date.now() - began) / 1000)})`);
    },
  };
}

/** `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
