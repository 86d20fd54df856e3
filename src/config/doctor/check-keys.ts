import type { Environment } from "../interpolate.ts";
import { cloudKeysIn, hostsOf, isLmStudioTokenSet } from "../keys.ts";
import { type Check } from "./check.ts";

/**
 * The variables with keys that are set, never what is in them.
 * @param usedHosts those a config names; a key is used for its own hosts and for no other
 */
export function checkKeys(environment: Environment, usedHosts: ReadonlySet<string>): readonly Check[] {
  const keys = cloudKeysIn(environment).map((variable): Check => {
    const hosts = hostsOf(variable);
    const used = hosts.filter((host) => usedHosts.has(host));
    const where = hosts.length === 0 ? "a cloud this version cannot reach" : hosts.join(", ");
    const use = used.length > 0 ? `used for ${used.join(", ")}` : "not used unless a config or --base-url names it";
    return check(variable, `is set, for ${where}; ${use}`);
  });
  const token = isLmStudioTokenSet(environment) ? [check("LM_API_TOKEN", "is set, for LM Studio on this machine and nowhere else")] : [];
  const all = [...keys, ...token];
  return all.length > 0 ? all : [check("environment", "no keys are set; models on this machine need none")];
}

function check(target: string, text: string): Check {
  return { section: "keys", check: "key", target, status: "ok", text, ms: 0 };
}
