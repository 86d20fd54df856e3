import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { startRecorder, withoutPaths } from "./recorder.ts";

test("what is handed on is written down without keys and paths", async () => {
  const asked: (string | undefined)[] = [];
  const engine = createServer((request, response) => {
    asked.push(request.headers.authorization);
    response.writeHead(201, { "content-type": "application/x-ndjson" });
    response.write('{"file":"/home/ann/models/m.gguf"}\n');
    response.end('{"key":"sk-very-secret"}\n');
  });
  await new Promise<void>((resolve) => {
    engine.listen(0, "127.0.0.1", resolve);
  });
  const folder = await mkdtemp(`${tmpdir()}/recorder-`);
  const recorder = await startRecorder(`http://127.0.0.1:${(engine.address() as AddressInfo).port}`, folder, "sk-very-secret");
  const answer = await fetch(`${recorder.origin}/api/chat`, {
    method: "POST",
    headers: { authorization: "Bearer sk-very-secret" },
    body: '{"messages":[]}',
  });
  expect([answer.status, await answer.text()]).toEqual([201, '{"file":"/home/ann/models/m.gguf"}\n{"key":"sk-very-secret"}\n']);
  expect(asked).toEqual(["Bearer sk-very-secret"]);
  await expect.poll(() => readdir(folder), { interval: 5 }).toEqual(["0001-post-api-chat.request.json", "0001-post-api-chat.response.txt"]);
  await recorder.close();
  const [request, response] = await Promise.all((await readdir(folder)).map((file) => readFile(`${folder}/${file}`, "utf8")));
  expect(JSON.parse(request ?? "")).toEqual({ method: "POST", path: "/api/chat", headers: [], body: { messages: [] } });
  expect(response).toBe('HTTP/1.1 201 Created\nContent-Type: application/x-ndjson\n\n{"file":"./m.gguf"}\n{"key":"***"}\n\n');
  await rm(folder, { recursive: true });
  engine.closeAllConnections();
  engine.close();
});

test.each([
  ['{"path":"/Users/ann/.lmstudio/models/a/b.gguf"}', '{"path":"./b.gguf"}'],
  [String.raw`{"path":"C:\\Users\\ann\\b.gguf"}`, '{"path":"./b.gguf"}'],
  ["FROM /opt/real/x.gguf\n", "FROM ./x.gguf\n"],
  ['{"path":"/api/tags","url":"https://example.com/var/x"}', '{"path":"/api/tags","url":"https://example.com/var/x"}'],
])("%s", (said, cleaned) => {
  expect(withoutPaths(said)).toBe(cleaned);
});
