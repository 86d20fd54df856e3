/** The test's script and what happened do not fit together: the test is wrong, or the code under test is. */
export class ScriptError extends Error {
  readonly isScriptError = true;

  constructor(message: string) {
    super(message);
    this.name = "ScriptError";
  }
}
