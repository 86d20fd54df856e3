import type { Told } from "./remedies.ts";

/** An error that knows what it means: for backends whose trouble comes as words of their own and not as a reply over HTTP. */
export class KnownFailure extends Error {
  readonly told: Told;

  constructor(told: Told, options?: ErrorOptions) {
    super(told.message, options);
    this.name = "KnownFailure";
    this.told = told;
  }
}
