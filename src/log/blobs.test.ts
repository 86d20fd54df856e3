import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { MassgenError } from "../core/errors.ts";
import { type Blobs, createFolderBlobs, createMemoryBlobs } from "./blobs.ts";

const folder = mkdtempSync(join(tmpdir(), "massgen-blobs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = new TextEncoder().encode("the contents");
const ID = "fdf4b0e0c5a8e1cb2f18aa9d9fc6d8d5a21b7d3c0b1f7c1dd5b83a5f7e0ad0c4";

describe.each<[string, () => Blobs]>([
  ["in memory", createMemoryBlobs],
  ["in a folder", () => createFolderBlobs(join(folder, "contract"))],
])("blobs %s", (_where, create) => {
  test("give back what was put, under the same id each time", () => {
    const blobs = create();
    const id = blobs.put(bytes);
    expect(id).toMatch(/^[0-9a-f]{64}$/u);
    expect(blobs.put(Uint8Array.from(bytes))).toBe(id);
    expect(blobs.put(new Uint8Array([1]))).not.toBe(id);
    expect(Buffer.from(blobs.read(id) ?? []).toString()).toBe("the contents");
  });

  test("say that there is nothing under another id", () => {
    expect(create().read(ID)).toBeUndefined();
  });
});

describe("blobs in a folder", () => {
  test("are found by another process, each in one file for this user alone", () => {
    const here = join(folder, "a", "b");
    const id = createFolderBlobs(here).put(bytes);
    createFolderBlobs(here).put(bytes);
    expect(readdirSync(here)).toEqual([id]);
    expect(statSync(join(here, id)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(createFolderBlobs(here).read(id) ?? []).toString()).toBe("the contents");
  });

  test("that were changed are not there any more, and a half-written one is mended by the next put", () => {
    const here = join(folder, "changed");
    const id = createFolderBlobs(here).put(bytes);
    writeFileSync(join(here, id), "the con");
    expect(createFolderBlobs(here).read(id)).toBeUndefined();
    createFolderBlobs(here).put(bytes);
    expect(createFolderBlobs(here).read(id)).toHaveLength(bytes.length);
  });

  test("say what is wrong with the disk", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const put = (): string => createFolderBlobs(join(file, "blobs")).put(bytes);
    expect(put).toThrow(MassgenError);
    expect(put).toThrow(/^Cannot use .*: a file stands where a folder is needed\.$/u);
  });

  test.skipIf(process.getuid?.() === 0)("say that a blob may not be read", () => {
    const here = join(folder, "closed");
    const id = createFolderBlobs(here).put(bytes);
    chmodSync(join(here, id), 0o000);
    expect(() => createFolderBlobs(here).read(id)).toThrow(/this user has no permission/u);
  });

  test("a folder where a blob should be is told", () => {
    expect(() => createFolderBlobs(join(folder, "a")).read("b")).toThrow(/a folder stands where a file is needed/u);
  });
});
