/**
 * Work that reports by a callback, as something to iterate: what was reported since the last look (the latest only), then its end.
 * Whoever stops iterating stops watching; the work goes on.
 */
export async function* withProgress<Progress>(
  work: (report: (progress: Progress) => void) => Promise<unknown>,
): AsyncGenerator<Progress, void> {
  const state: { latest?: { readonly progress: Progress }; over: boolean; wake: () => void } = { over: false, wake: () => {} };
  const end = (): void => {
    state.over = true;
    state.wake();
  };
  const working = work((progress) => {
    state.latest = { progress };
    state.wake();
  });
  working.then(end, end);
  while (!state.over || state.latest !== undefined) {
    const due = state.latest;
    delete state.latest;
    if (due !== undefined) yield due.progress;
    else await new Promise<void>((resolve) => (state.wake = resolve));
  }
  await working;
}
