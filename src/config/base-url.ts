import { BlockList, isIP } from "node:net";
import { isLoopback } from "../models/http/loopback.ts";

export const OPENAI_BASE_URL = "https://api.openai.com/v1";

/** An address to build requests on, or why it is none: a clause that follows the name of the field. */
export type BaseUrl = { readonly type: "url"; readonly url: string } | { readonly type: "invalid"; readonly why: string };

/**
 * Makes the root of an interface of what people write: the path of a call is cut off, `root` is added where there is no path at all.
 * Never repeats the address in `why`: it may hold a password.
 */
export function normalizeBaseUrl(text: string, root = "/v1"): BaseUrl {
  const url = URL.parse(text.trim());
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return { type: "invalid", why: "must be an address such as http://127.0.0.1:1234/v1" };
  }
  if (url.username !== "" || url.password !== "") return { type: "invalid", why: "must not hold a user name or password (use api_key)" };
  if (url.search !== "") return { type: "invalid", why: "must not hold a query (what follows the ?)" };
  const path = url.pathname.replace(/\/+$/, "").replace(/\/((chat\/)?completions|responses|messages)$/, "");
  return { type: "url", url: `${url.origin}${path === "" ? root : path}` };
}

const ownNetwork = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
] as const) {
  ownNetwork.addSubnet(net, bits, "ipv4");
}
ownNetwork.addSubnet("fc00::", 7, "ipv6");
ownNetwork.addSubnet("fe80::", 10, "ipv6");

/** Where a host is: this machine, the network around it (judged by address or kind of name), or the world. */
export function reachOf(url: string): "loopback" | "private" | "public" {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  const version = isIP(host);
  if (isLoopback(host)) return "loopback";
  if (version === 0) {
    return !host.includes(".") || /\.(local|lan|internal|home\.arpa)$/.test(host) ? "private" : "public";
  }
  return ownNetwork.check(host, version === 6 ? "ipv6" : "ipv4") ? "private" : "public";
}
