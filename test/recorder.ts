import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Recorded {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server that refuses every request (400) and keeps what was asked, whatever the interface: what is sent can be seen without speaking it. */
export interface Recorder {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly requests: readonly Recorded[];
  close(): Promise<void>;
}

/** @param refusal what is answered, and with which status */
export async function startRecorder(
  refusal: (request: Recorded) => readonly [status: number, message: string] = () => [400, "this server only listens"],
): Promise<Recorder> {
  const requests: Recorded[] = [];
  const server = createServer((incoming, response) => {
    let text = "";
    incoming.setEncoding("utf8");
    incoming.on("data", (chunk: string) => (text += chunk));
    incoming.on("end", () => {
      const request = { path: incoming.url ?? "", headers: incoming.headers, body: JSON.parse(text || "{}") as Recorded["body"] };
      if (incoming.method === "POST") requests.push(request);
      const [status, message] = refusal(request);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message, type: "invalid_request_error" } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Keys of all clouds, and their addresses all at `origin`. */
export function cloudsAt(origin: string): Readonly<Record<string, string>> {
  return {
    OPENAI_API_KEY: "sk-openai-0123456789",
    OPENAI_BASE_URL: `${origin}/v1`,
    ANTHROPIC_API_KEY: "sk-ant-0123456789",
    ANTHROPIC_BASE_URL: origin,
    GEMINI_API_KEY: "gm-0123456789",
    GOOGLE_GEMINI_BASE_URL: origin,
    XAI_API_KEY: "xai-0123456789",
    XAI_BASE_URL: `${origin}/v1`,
    ZAI_API_KEY: "zai-0123456789",
    ZAI_BASE_URL: `${origin}/api/paas/v4`,
  };
}
