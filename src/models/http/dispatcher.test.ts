import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { startFakeOpenAI } from "../../testing/fake-openai-server.ts";
import { fetchModel } from "./dispatcher.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a proxy is asked for other hosts, never for this machine", async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  });
  proxy.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  const server = await startFakeOpenAI({ reply: {} });
  vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  vi.stubEnv("http_proxy", undefined);
  vi.stubEnv("NO_PROXY", "");
  vi.stubEnv("no_proxy", undefined);

  const local = await fetchModel(`${server.baseUrl}/models`);
  expect(local.status).toBe(200);
  expect((await fetchModel(server.baseUrl.replace("127.0.0.1", "localhost").replace("/v1", "/health"))).status).toBe(200);
  expect(asked).toEqual([]);
  await fetchModel("http://model.invalid/v1/models").catch(() => {});
  expect(asked).toHaveLength(1);
  await server.close();
  proxy.closeAllConnections();
  proxy.close();
});
