/** Memory that is spent at the same time: work waits until what runs leaves room for it. */

export interface Budget {
  /** Runs `work` when `size` more fits; alone if it is larger than all there is. In the order of the calls. */
  spend<T>(size: number, work: () => Promise<T>): Promise<T>;
}

export function createBudget(total: number): Budget {
  let spent = 0;
  const waiting: { size: number; go: () => void }[] = [];
  const next = () => {
    for (let [first] = waiting; first && (spent === 0 || spent + first.size <= total); [first] = waiting) {
      waiting.shift();
      spent += first.size;
      first.go();
    }
  };
  return {
    async spend(size, work) {
      await new Promise<void>((go) => {
        waiting.push({ size, go });
        next();
      });
      try {
        return await work();
      } finally {
        spent -= size;
        next();
      }
    },
  };
}
