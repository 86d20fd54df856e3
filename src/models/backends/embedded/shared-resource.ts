/** Something costly that several users hold together: opened once, disposed of when the last has left. */
export interface SharedResource<T> {
  /** Opens it, or joins an opening under way. A failed opening is forgotten, so that the next call tries again. */
  join(): Promise<T>;
  /** Once for each `join`, also for one that failed. */
  leave(): Promise<void>;
}

/** @param dispose runs after the last user left; a later `join` opens anew, after it is done */
export function createSharedResource<T>(open: () => Promise<T>, dispose: (value: T) => Promise<void>): SharedResource<T> {
  let users = 0;
  let opening: Promise<T> | undefined;
  let disposing: Promise<void> = Promise.resolve();

  const start = (): Promise<T> => {
    const started = disposing.then(open);
    opening = started;
    started.catch(() => {
      if (opening === started) opening = undefined;
    });
    return started;
  };

  return {
    join() {
      users += 1;
      return opening ?? start();
    },
    leave() {
      users -= 1;
      const opened = opening;
      if (users > 0 || opened === undefined) return disposing;
      opening = undefined;
      disposing = opened.then(dispose, () => undefined);
      return disposing;
    },
  };
}
