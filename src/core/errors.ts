/** What kinds of trouble a person can fix, with the exit code of the command and the HTTP status of a server. */
export const troubles = {
  config: { exit: 1, status: 400 },
  usage: { exit: 64, status: 400 },
  "model-file": { exit: 1, status: 400 },
  "engine-missing": { exit: 1, status: 503 },
  network: { exit: 1, status: 502 },
  "run-unknown": { exit: 1, status: 404 },
  "run-live": { exit: 1, status: 409 },
  "log-newer": { exit: 1, status: 409 },
  "log-damaged": { exit: 1, status: 500 },
  disk: { exit: 1, status: 507 },
} as const;
export type Trouble = keyof typeof troubles;

/** Trouble a person can fix: `message` is one sentence saying what is wrong and where, `hint` what to do about it. */
export class MassgenError extends Error {
  readonly code: Trouble;
  readonly hint: string | undefined;

  constructor(code: Trouble, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "MassgenError";
    this.code = code;
    this.hint = options.hint;
  }
}
