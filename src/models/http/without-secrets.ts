/** Shorter ones are placeholders. */
export const SHORTEST_SECRET = 8;

/** Text of a server without the secrets that it was sent: some repeat the key that they refuse. */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  return secrets.reduce<string>((rest, secret = "") => (secret.length < SHORTEST_SECRET ? rest : rest.replaceAll(secret, "***")), text);
}
