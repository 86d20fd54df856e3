import type { Seat } from "../config/council.ts";
import type { Seat as LibrarySeat } from "../library/create-council.ts";

/** Seats as the library takes them. */
export function librarySeats(seats: readonly Seat[]): readonly LibrarySeat[] {
  return seats.map(({ id, persona, model, tools }) => ({
    id,
    model,
    ...(persona === undefined ? {} : { systemMessage: persona }),
    ...(tools === undefined ? {} : { tools }),
  }));
}
