import { unlessAborted } from "./unless-aborted.ts";
import { withProgress } from "./with-progress.ts";

interface Flight<Progress> {
  readonly work: Promise<unknown>;
  readonly watchers: Set<(progress: Progress) => void>;
}

/** Work of which there is only one at a time for each key: whoever wants it meanwhile waits for the same and sees its progress. */
export interface SingleFlight<Progress> {
  /** Ends as the work does, or rejects with the reason of `signal`; work once begun is finished for the others. */
  join(key: string, start: (report: (progress: Progress) => void) => Promise<unknown>, signal: AbortSignal): AsyncIterable<Progress>;
}

export function createSingleFlight<Progress>(): SingleFlight<Progress> {
  const flights = new Map<string, Flight<Progress>>();
  return {
    join: (key, start, signal) =>
      withProgress((report) => {
        const flight = flights.get(key) ?? takeOff(start);
        flights.set(key, flight);
        flight.watchers.add(report);
        const leave = (): void => void (flights.get(key) === flight && flights.delete(key));
        flight.work.then(leave, leave);
        return unlessAborted(flight.work, signal).finally(() => flight.watchers.delete(report));
      }),
  };
}

function takeOff<Progress>(start: (report: (progress: Progress) => void) => Promise<unknown>): Flight<Progress> {
  const watchers = new Set<(progress: Progress) => void>();
  return { work: start((progress) => watchers.forEach((watch) => watch(progress))), watchers };
}
