/** The root of an interface whose clients, like everybody's, put its version behind the address that they are given. */
export function withVersion(baseUrl: string, version: string): string {
  return /\/v\d+(?:(?:alpha|beta)\d*)?$/u.test(baseUrl) ? baseUrl : `${baseUrl}${version}`;
}
