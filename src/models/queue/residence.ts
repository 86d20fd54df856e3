import type { Lane } from "./lane.ts";

/** Which models are in an engine's memory, as far as our calls decide that. The one used last comes last. */
export class Residence {
  /** Models at once. */
  most = Infinity;
  readonly #models = new Set<string>();
  readonly #loaded = new Set<string>();

  has(model: string): boolean {
    return this.#models.has(model);
  }

  /** Whether it is known to be ready; until then one call goes alone, or some engines load the model twice. */
  isLoaded(model: string): boolean {
    return this.#loaded.has(model);
  }

  loaded(model: string): void {
    this.#loaded.add(model);
    this.enter(model);
  }

  enter(model: string): void {
    this.#models.delete(model);
    this.#models.add(model);
  }

  leave(model: string): void {
    this.#models.delete(model);
    this.#loaded.delete(model);
  }

  /**
   * Whether a call of `model` may start, and which idle model leaves for it. A model that is answering is never sent away.
   * @returns undefined where it has to wait
   */
  roomFor(model: string, lanes: ReadonlyMap<string, Lane>): { readonly instead?: string } | undefined {
    if (this.has(model) || this.#models.size < this.most) return {};
    const instead = [...this.#models].find((other) => (lanes.get(other)?.running.size ?? 0) === 0);
    return instead === undefined ? undefined : { instead };
  }
}
