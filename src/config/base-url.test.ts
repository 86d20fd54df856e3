import { describe, expect, test } from "vitest";
import { normalizeBaseUrl, reachOf } from "./base-url.ts";

describe("base address", () => {
  test.each([
    ["http://127.0.0.1:1234/v1", "http://127.0.0.1:1234/v1"],
    [" http://127.0.0.1:1234 ", "http://127.0.0.1:1234/v1"],
    ["http://127.0.0.1:1234/v1/", "http://127.0.0.1:1234/v1"],
    ["https://api.cerebras.ai/v1/chat/completions", "https://api.cerebras.ai/v1"],
    ["https://api.z.ai/api/paas/v4/", "https://api.z.ai/api/paas/v4"],
    ["https://HOST.example/openai#part", "https://host.example/openai"],
    ["http://[::1]:8080", "http://[::1]:8080/v1"],
  ])("%s is %s", (text, url) => {
    expect(normalizeBaseUrl(text)).toEqual({ type: "url", url });
  });

  test.each(["", "localhost:1234", "ftp://host/v1", "/v1", "http://", "http://me:hunter22@host/v1", "http://host/v1?key=hunter22"])(
    "%j is none, and the reason repeats nothing of it",
    (text) => {
      const result = normalizeBaseUrl(text);
      expect(result.type).toBe("invalid");
      expect(JSON.stringify(result)).not.toContain("hunter22");
    },
  );
});

describe("reach", () => {
  test.each([
    ["http://localhost:1/v1", "loopback"],
    ["http://llm.localhost/v1", "loopback"],
    ["http://127.8.9.1/v1", "loopback"],
    ["http://0x7f.1/v1", "loopback"],
    ["http://[::1]/v1", "loopback"],
    ["http://0.0.0.0:8000/v1", "private"],
    ["http://192.168.1.20/v1", "private"],
    ["http://10.0.0.1/v1", "private"],
    ["http://172.31.0.1/v1", "private"],
    ["http://[fd00::1]/v1", "private"],
    ["http://gpu-box:8000/v1", "private"],
    ["http://gpu.local/v1", "private"],
    ["http://host.docker.internal/v1", "private"],
    ["http://172.32.0.1/v1", "public"],
    ["http://8.8.8.8/v1", "public"],
    ["https://api.openai.com/v1", "public"],
    ["https://localhost.evil.example/v1", "public"],
    ["http://127.0.0.1.evil.example/v1", "public"],
  ])("%s is %s", (url, reach) => {
    expect(reachOf(url)).toBe(reach);
  });
});
