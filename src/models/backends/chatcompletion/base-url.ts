/** A base URL as people give it, with a scheme and without a slash or the path of the endpoint at its end. */
export function normaliseBaseUrl(baseUrl: string): string {
  const given = baseUrl.trim().replace(/\/+$/u, "");
  const address = /^[a-z][a-z+.-]*:\/\//iu.test(given) ? given : `http://${given}`;
  return address.replace(/\/+chat\/completions$/u, "");
}
