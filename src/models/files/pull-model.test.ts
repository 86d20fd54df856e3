import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyGguf } from "../../../test/engines/tiny-gguf.ts";
import type { Progress } from "./download.ts";
import { pullModel, type PullOptions } from "./pull-model.ts";

const FILE = tinyGguf(undefined, 300_000);
const SHA256 = createHash("sha256").update(FILE).digest("hex");
const never = new AbortController().signal;

type Handler = (request: IncomingMessage, response: ServerResponse, visit: number) => void;

let folder: string;
let server: Server;
let handler: Handler;
let requests: IncomingMessage[];
let announced: string[];
let onArrival: (received: number) => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "massgen-pull-"));
  requests = [];
  announced = [];
  onArrival = () => undefined;
  server = createServer((request, response) => {
    requests.push(request);
    handler(request, response, requests.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const address = (path = "/tiny.gguf"): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const options = (more: Partial<PullOptions> = {}): PullOptions => ({
  modelsDir: folder,
  announce: (line) => announced.push(line),
  onProgress: ({ received }) => onArrival(received),
  ...more,
});
const pulled = (): Buffer => readFileSync(join(folder, "tiny.gguf"));
const visible = (): string[] => readdirSync(folder).filter((name) => !name.startsWith("."));

/** A host that does everything right: ranges, a strong ETag, its size. */
function serve(etag = '"one"', bytes = FILE): Handler {
  return ({ headers }, response) => {
    const from =
      headers["if-range"] === undefined || headers["if-range"] === etag ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0) : 0;
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from === 0 ? 200 : 206, { etag, "content-length": bytes.length - from, ...range });
    response.end(bytes.subarray(from));
  };
}

/** Sends so many bytes and, once they have arrived, drops the connection. */
function cutAt(bytes: number): Handler {
  return (_, response) => {
    response.writeHead(200, { etag: '"one"', "content-length": FILE.length }).write(FILE.subarray(0, bytes));
    onArrival = (received) => {
      if (received === bytes) response.destroy();
    };
  };
}

describe("pulling from an address", () => {
  it("says what, how big and from where, then brings the file, for its owner alone", async () => {
    handler = serve();
    const steps: Progress[] = [];
    const result = await pullModel(address(), options({ onProgress: (step) => steps.push(step) }), never);
    expect(result).toEqual({ path: join(folder, "tiny.gguf"), alreadyThere: false, verified: false });
    expect(announced).toEqual([`Downloading tiny.gguf, 0 MB, from ${new URL(address()).host} to ${join(folder, "tiny.gguf")}`]);
    expect(pulled().equals(FILE)).toBe(true);
    expect(steps.at(-1)).toEqual({ received: FILE.length, total: FILE.length });
    expect(statSync(join(folder, "tiny.gguf")).mode & 0o077).toBe(0);
    expect(visible()).toEqual(["tiny.gguf"]);
  });

  it("asks nobody when the file is there", async () => {
    writeFileSync(join(folder, "tiny.gguf"), FILE);
    expect((await pullModel(address(), options(), never)).alreadyThere).toBe(true);
    expect(requests).toHaveLength(0);
  });

  it("goes on where the connection broke", async () => {
    handler = (request, response, visit) => (visit === 1 ? cutAt(100_000) : serve())(request, response, visit);
    await pullModel(address(), options(), never);
    expect(pulled().equals(FILE)).toBe(true);
    expect(requests[1]?.headers["if-range"]).toBe('"one"');
    expect(requests[1]?.headers.range).toBe("bytes=100000-");
    expect(announced).toHaveLength(1);
  });

  it("goes on in a later pull with what an earlier one kept", async () => {
    handler = (request, response, visit) => (visit === 1 ? cutAt(200_000)(request, response, visit) : response.destroy());
    await expect(pullModel(address(), options(), never)).rejects.toMatchObject({ code: "network" });
    handler = serve();
    await pullModel(address(), options(), never);
    expect(requests.at(-1)?.headers.range).toBe("bytes=200000-");
    expect(pulled().equals(FILE)).toBe(true);
  });

  it("begins anew when the file changed meanwhile", async () => {
    const other = tinyGguf({ "general.architecture": "qwen3" }, 250_000);
    handler = (request, response, visit) => (visit === 1 ? cutAt(100_000) : serve('"two"', other))(request, response, visit);
    await pullModel(address(), options(), never);
    expect(pulled().equals(other)).toBe(true);
  });

  it("begins anew where the host knows no ranges", async () => {
    handler = (request, response, visit) => {
      if (visit === 1) return cutAt(100_000)(request, response, visit);
      response.writeHead(200, { "content-length": FILE.length }).end(FILE);
    };
    await pullModel(address(), options(), never);
    expect(pulled().equals(FILE)).toBe(true);
  });

  it("begins anew when the kept part is longer than the file", async () => {
    handler = (request, response, visit) => {
      if (request.headers.range !== undefined) return void response.writeHead(416).end();
      return (visit === 1 ? cutAt(100_000) : serve())(request, response, visit);
    };
    await pullModel(address(), options(), never);
    expect(pulled().equals(FILE)).toBe(true);
  });

  it("follows redirects and verifies the checksum the first host names", async () => {
    handler = (request, response, visit) => {
      if (request.url !== "/tiny.gguf") return serve()(request, response, visit);
      response.writeHead(302, { location: "/elsewhere?signed=1", "x-linked-etag": `"${SHA256}"`, "x-linked-size": FILE.length }).end();
    };
    expect((await pullModel(address(), options(), never)).verified).toBe(true);
    expect(requests.every(({ headers }) => headers.authorization === undefined && headers.cookie === undefined)).toBe(true);
  });

  it("keeps nothing of a file with another checksum", async () => {
    handler = (_, response) => response.writeHead(200, { "x-linked-etag": `"${"0".repeat(64)}"` }).end(FILE);
    await expect(pullModel(address(), options(), never)).rejects.toThrow(`gave a file with the checksum ${SHA256} instead of 0000`);
    expect(visible()).toEqual([]);
  });

  it("keeps nothing of a page that is no model", async () => {
    handler = (_, response) => response.writeHead(200).end("<html>Please log in</html>");
    await expect(pullModel(address(), options(), never)).rejects.toThrow("is not a model file");
    expect(visible()).toEqual([]);
  });

  it("says which status it got and which file to put where", async () => {
    handler = (_, response) => response.writeHead(404).end("no");
    const error = pullModel(address(), options(), never);
    await expect(error).rejects.toMatchObject({ code: "network", message: expect.stringContaining("answered 404") });
    await expect(error).rejects.toMatchObject({
      hint: expect.stringContaining(`bring the file tiny.gguf from another machine and put it into ${folder}`),
    });
  });

  it("gives up a circle of redirects", async () => {
    handler = (_, response) => response.writeHead(302, { location: "/tiny.gguf" }).end();
    await expect(pullModel(address(), options(), never)).rejects.toThrow("redirects in a circle");
  });

  it("is one download when asked for twice at once", async () => {
    handler = serve();
    const both = await Promise.all([pullModel(address(), options(), never), pullModel(address(), options(), never)]);
    expect(both.filter(({ alreadyThere }) => alreadyThere)).toHaveLength(1);
    expect(requests).toHaveLength(1);
    expect(announced.filter((line) => line.startsWith("Another massgen"))).toHaveLength(1);
  });

  it("stops at once when told to, and keeps what came", async () => {
    const stop = new AbortController();
    handler = (_, response) =>
      void response.writeHead(200, { etag: '"one"', "content-length": FILE.length }).write(FILE.subarray(0, 65_000));
    const onProgress = (): void => stop.abort(new Error("enough"));
    await expect(pullModel(address(), options({ onProgress }), stop.signal)).rejects.toThrow("enough");
    expect(statSync(join(folder, "tiny.gguf.part")).size).toBeGreaterThan(0);
  });

  it("calls a full disk by its name and keeps what came", async () => {
    handler = serve();
    const onProgress = (): void => {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC", syscall: "write" });
    };
    await expect(pullModel(address(), options({ onProgress }), never)).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining("disk is full"),
    });
    expect(visible()).toContain("tiny.gguf.part");
  });
});

describe("pulling what is no address", () => {
  it("uses a file where it lies", async () => {
    const path = join(folder, "mine.gguf");
    writeFileSync(path, FILE);
    expect(await pullModel(path, options(), never)).toEqual({ path, alreadyThere: true, verified: false });
  });

  it("names a path that is not there", async () => {
    await expect(pullModel("./none.gguf", options(), never)).rejects.toThrow("There is no model file ./none.gguf.");
  });

  it("names the models it knows", async () => {
    await expect(pullModel("llama-9", options(), never)).rejects.toMatchObject({
      code: "config",
      hint: expect.stringContaining("SmolLM2-360M-Instruct"),
    });
  });

  it.each(["https://example.org/models", "https://example.org/%00tiny.gguf", "https://example.org/%zz.gguf", "https://[/tiny.gguf"])(
    "refuses %s, an address that is no file",
    async (address) => {
      await expect(pullModel(address, options(), never)).rejects.toMatchObject({ code: "config" });
    },
  );
});
