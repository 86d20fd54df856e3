import type { Failure } from "../core/facts/outcome.ts";

/** How a connection failed: found by the code of an error or of what caused it, else by its name, of a mere `Error` by its message. */
interface NetworkTrouble {
  readonly kind: Failure["kind"];
  readonly retryable: boolean;
  readonly sentence: (address: string) => string;
}

const lost: NetworkTrouble = {
  kind: "connection",
  retryable: true,
  sentence: (address) => `${address} closed the connection before the reply was complete.`,
};
const unreachable: NetworkTrouble = { kind: "connection", retryable: true, sentence: (address) => `${address} cannot be reached.` };
const silent: NetworkTrouble = { kind: "timeout", retryable: true, sentence: (address) => `${address} did not answer in time.` };
const untrusted: NetworkTrouble = {
  kind: "connection",
  retryable: false,
  sentence: (address) => `The certificate of ${address} is not trusted; NODE_EXTRA_CA_CERTS can name a file with more authorities.`,
};

const otherProtocol: NetworkTrouble = {
  kind: "connection",
  retryable: false,
  sentence: (address) => `${address} does not speak HTTP: is the port right?`,
};

const troubles: Readonly<Record<string, NetworkTrouble>> = {
  ECONNREFUSED: {
    kind: "not-running",
    retryable: true,
    // An engine's name holds its address.
    sentence: (address) => (address.includes(" at ") ? `${address} does not answer.` : `Nothing answers at ${address}.`),
  },
  ENOTFOUND: { kind: "connection", retryable: false, sentence: (address) => `The host of ${address} is not known: is the address right?` },
  EAI_AGAIN: { kind: "connection", retryable: true, sentence: (address) => `The host of ${address} could not be looked up.` },
  ECONNRESET: lost,
  EPIPE: lost,
  UND_ERR_SOCKET: lost,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: lost,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  UND_ERR_CONNECT_TIMEOUT: unreachable,
  UND_ERR_HEADERS_TIMEOUT: silent,
  UND_ERR_BODY_TIMEOUT: silent,
  CERT_HAS_EXPIRED: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  ERR_SSL_WRONG_VERSION_NUMBER: {
    kind: "connection",
    retryable: false,
    sentence: (address) => `${address} does not speak HTTPS: should the address begin with http://?`,
  },
  HPE_INVALID_CONSTANT: otherProtocol,
  HTTPParserError: otherProtocol,
  Z_DATA_ERROR: {
    kind: "invalid-reply",
    retryable: false,
    sentence: (address) => `${address} sent a reply that is not compressed as it says.`,
  },
  "bad port": {
    kind: "connection",
    retryable: false,
    sentence: (address) => `${address} has a port that HTTP clients refuse, since another protocol owns it: give the server another port.`,
  },
  ERR_INVALID_URL: { kind: "bad-request", retryable: false, sentence: (address) => `${address} is not a usable address.` },
};

/** The failure behind an error of the network layers, or nothing when there is none. */
export function networkFailure(error: unknown, address: string): Failure | undefined {
  for (const code of codesOf(error)) {
    const trouble = troubles[code];
    if (trouble !== undefined) return { kind: trouble.kind, message: trouble.sentence(address), retryable: trouble.retryable };
  }
  return undefined;
}

/** What an error, its causes and the errors it gathers are known by, outermost first. */
function codesOf(error: unknown, depth = 0): readonly string[] {
  if (typeof error !== "object" || error === null || depth > 6) return [];
  const { code, name, message, cause, errors } = error as Readonly<Record<"code" | "name" | "message" | "cause" | "errors", unknown>>;
  const known = code ?? (name === "Error" ? message : name);
  return [
    ...(typeof known === "string" ? [known] : []),
    ...codesOf(cause, depth + 1),
    ...(Array.isArray(errors) ? errors.flatMap((each) => codesOf(each, depth + 1)) : []),
  ];
}
