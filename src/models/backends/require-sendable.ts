import { MassgenError } from "../../core/errors.ts";

/**
 * Whoever quoted such a value in an error would show a secret, so it goes no further.
 * @param where names the model in the sentence
 * @throws MassgenError `config` for what cannot stand in a header
 */
export function requireSendable(value: string | undefined, where: string): void {
  if (!/[^\t -~\u0080-\u00FF]/u.test(value ?? "")) return;
  throw new MassgenError("config", `The API key or a header of ${where} holds characters that cannot be sent.`, {
    hint: "Look for a line break or a typographic character in it.",
  });
}
