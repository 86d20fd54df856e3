export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : sorted.slice(middle - 1, middle + 1);
  return (low + high) / 2;
}

/** Wall time of `work` in milliseconds. */
export async function wallMs(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** CPU time of this process, all its threads, for `work`, in microseconds. */
export async function cpuUs(work: () => Promise<unknown>): Promise<number> {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return user + system;
}

/** Measures each of several things `times` times in turn, so that a noisy moment meets all of them; the medians, in order. */
export async function interleaved(times: number, measures: readonly (() => Promise<number>)[]): Promise<readonly number[]> {
  const taken: number[][] = measures.map(() => []);
  for (let turn = 0; turn < times; turn += 1) {
    for (const [index, measure] of measures.entries()) taken[index]?.push(await measure());
  }
  return taken.map(median);
}
