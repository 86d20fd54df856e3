/** From careful to daring: agents of one model differ in this alone. */
const temperatures = [0.4, 0.7, 1] as const;
/** Seeds that every engine takes are below this, and not negative. */
const SEED_RANGE = 2 ** 31;

/** How the agent in this place (from 0) samples, so that several on one model do not all say the same. */
export function temperament(place: number, seed: number): { readonly temperature: number; readonly seed: number } {
  const turned = (((seed + place) % SEED_RANGE) + SEED_RANGE) % SEED_RANGE;
  return { temperature: temperatures[place % temperatures.length] ?? 1, seed: turned };
}
