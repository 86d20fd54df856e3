import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFiles } from "./write-files.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "massgen-write-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = (force = false) => ({ path: join(folder, "massgen.yaml"), text: "agents: []\n", force });
const at = (name: string): string => join(folder, name);
const env = (): string => readFileSync(at(".env"), "utf8");

test("without keys there is no .env", () => {
  writeFiles(config(), {});
  expect(readdirSync(folder)).toEqual(["massgen.yaml"]);
  expect(readFileSync(at("massgen.yaml"), "utf8")).toBe("agents: []\n");
});

describe(".env", () => {
  test("is for this user alone, also where it was not before", () => {
    writeFileSync(at(".env"), "A=1", { mode: 0o644 });
    writeFiles(config(), { B: "2" });
    expect(env()).toBe("A=1\nB=2\n");
    expect(statSync(at(".env")).mode & 0o777).toBe(0o600);
  });

  test("keeps what is there and replaces a variable where it stands", () => {
    writeFileSync(at(".env"), "# keys\nexport KEY = old\n\nKEYS=3\nOTHER=2\n\n\n");
    writeFiles(config(), { KEY: "new", MORE: "x" });
    expect(env()).toBe("# keys\nKEY=new\n\nKEYS=3\nOTHER=2\nMORE=x\n");
  });

  test.each(["sk-plain_0.9~", "with#hash", "with space ", `it's`, `say "no"`, "a=b", "back\\nslash", "`tick`"])(
    "%j is read back as it is",
    (key) => {
      writeFiles(config(), { KEY: key, NEXT: "1" });
      expect(parseEnv(env())).toEqual({ KEY: key, NEXT: "1" });
    },
  );

  test("behind a link stays behind it", () => {
    mkdirSync(at("kept"));
    writeFileSync(at("kept/secrets"), "A=1\n");
    symlinkSync(at("kept/secrets"), at(".env"));
    writeFiles(config(), { B: "2" });
    expect(readFileSync(at("kept/secrets"), "utf8")).toBe("A=1\nB=2\n");
  });
});

describe("nothing is changed", () => {
  test("where the file is there already", () => {
    writeFileSync(at("massgen.yaml"), "mine");
    expect(() => writeFiles(config(), { KEY: "1" })).toThrow(/is there already, and nothing was changed\.$/u);
    expect(readdirSync(folder)).toEqual(["massgen.yaml"]);
    writeFiles(config(true), {});
    expect(readFileSync(at("massgen.yaml"), "utf8")).toBe("agents: []\n");
  });

  test("where one of both cannot be written: half of them would be of no use", () => {
    mkdirSync(at(".env"));
    expect(() => writeFiles(config(), { KEY: "1" })).toThrow(expect.objectContaining({ code: "disk" }));
    expect(readdirSync(folder)).toEqual([".env"]);
  });

  test.each([
    ["there is no folder", "none/massgen.yaml", "disk", /cannot be written: there is no folder .*none\.$/u],
    ["a file stands where a folder is needed", "file/massgen.yaml", "disk", /there is no folder/u],
    ["a folder is named", "folder.yaml", "config", /is a folder\.$/u],
  ])("where %s", (_why, name, code, message) => {
    writeFileSync(at("file"), "");
    mkdirSync(at("folder.yaml"));
    const write = (): void => writeFiles({ ...config(true), path: at(name) }, {});
    expect(write).toThrow(message);
    expect(write).toThrow(expect.objectContaining({ code, hint: expect.any(String) as string }));
  });

  test("where the disk takes nothing", () => {
    const write = (): void => writeFiles({ ...config(), path: "/proc/massgen.yaml" }, {});
    expect(write).toThrow(/^\/proc\/massgen\.yaml cannot be written: /u);
    expect(write).not.toThrow(/\.tmp/u);
  });
});
