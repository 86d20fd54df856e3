/** Whether a host name means this machine. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || host === "::1" || /^127(?:\.\d{1,3}){3}$/u.test(host);
}

/** The same address under one name: most people write `localhost` and `127.0.0.1` for one and the same server. */
export function withOneName(url: string): string {
  return url.replace(/^(https?:\/\/)localhost(?=[:/]|$)/iu, (_host, scheme: string) => `${scheme}127.0.0.1`);
}
