import type { Seat } from "../config/council.ts";
import { checkTakers } from "../files/check-takers.ts";
import type { TakenFile } from "../files/take-in.ts";

/** @returns a sentence for each file that some seats are only told about. Throws `config` for one that no seat can be given. */
export function checkSeats(files: readonly TakenFile[], seats: readonly Seat[]): readonly string[] {
  const agents = seats.map(({ id, model: { name, accepts } }) => ({ id, model: name, ...(accepts && { accepts }) }));
  return checkTakers(
    files.map(({ attachment }) => attachment),
    agents,
  );
}
