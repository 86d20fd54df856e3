import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withEnvFiles } from "./env-files.ts";
import { ADDRESSES_OF_FILES } from "./interpolate.ts";
import { placeOf } from "./place-of.ts";

const [first, second] = [mkdtempSync(join(tmpdir(), "massgen-env-")), mkdtempSync(join(tmpdir(), "massgen-env-"))];
afterAll(() => [first, second].forEach((folder) => rmSync(folder, { recursive: true })));
const write = (folder: string, text: string): void => writeFileSync(join(folder, ".env"), text);

test("export, quotes, comments and blanks are understood", () => {
  write(first, `# keys\nexport A_KEY = one # the first\nB="two # no comment"\nC='three'\n\nD=\nE=a=b\nnot a line\n`);
  expect(withEnvFiles({}, [first])).toEqual({
    environment: { A_KEY: "one", B: "two # no comment", C: "three", D: "", E: "a=b" },
    notices: [],
  });
});

test("the environment goes before all files, the folder of the config before the current one", () => {
  write(first, "A=config\nB=config\n");
  write(second, "A=here\nB=here\nC=here\n");
  expect(withEnvFiles({ A: "real" }, [first, second, first]).environment).toEqual({ A: "real", B: "config", C: "here" });
});

test("a folder without such a file says nothing", () => {
  expect(withEnvFiles({ A: "1" }, [join(first, "nowhere")])).toEqual({ environment: { A: "1" }, notices: [] });
});

test("a file cannot send a key of the environment elsewhere, but a key of its own", () => {
  write(first, "OPENAI_BASE_URL=https://elsewhere.example/v1\nANTHROPIC_BASE_URL=http://127.0.0.1:1\nANTHROPIC_API_KEY=own\n");
  const { environment, notices } = withEnvFiles({ OPENAI_API_KEY: "sk-real" }, [first]);
  expect(environment).toEqual({
    OPENAI_API_KEY: "sk-real",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    ANTHROPIC_API_KEY: "own",
    [ADDRESSES_OF_FILES]: ["ANTHROPIC_BASE_URL"],
  });
  expect(notices).toEqual([
    `OPENAI_BASE_URL in ${join(first, ".env")} is left out: OPENAI_API_KEY, which it does not hold, would go there.`,
  ]);
});

test("nor the key of another file, nor a question alone, but for a server of this machine", () => {
  write(first, "OPENAI_API_KEY=key-of-the-first\n");
  write(second, "OPENAI_BASE_URL=https://elsewhere.example/v1\nOPENAI_API_KEY=own-and-not-used\n");
  expect(withEnvFiles({}, [first, second])).toMatchObject({
    environment: { OPENAI_API_KEY: "key-of-the-first" },
    notices: [expect.stringContaining("OPENAI_API_KEY, which it does not hold, would go there.")],
  });
  write(first, "OPENAI_BASE_URL=https://elsewhere.example/v1\nXAI_BASE_URL=http://localhost:1\nANTHROPIC_BASE_URL=no address\n");
  const { environment, notices } = withEnvFiles({}, [first]);
  expect(Object.keys(environment).toSorted()).toEqual(["ANTHROPIC_BASE_URL", "XAI_BASE_URL"]);
  expect(notices).toEqual([
    `OPENAI_BASE_URL in ${join(first, ".env")} is left out: a file names an address only together with the key for it.`,
  ]);
});

test("nor the key of a config", () => {
  write(first, "OPENAI_BASE_URL=https://elsewhere.example/v1\nOPENAI_API_KEY=own-0123456789\n");
  const { environment } = withEnvFiles({}, [first]);
  const to = { baseUrl: "https://elsewhere.example/v1", ownKey: "own-0123456789" };
  expect(placeOf({ type: "openai" }, environment)).toEqual(to);
  expect(placeOf({ type: "openai", api_key: "own-0123456789" }, environment)).toEqual(to);
  expect(placeOf({ type: "openai", api_key: "dummy" }, environment)).toEqual({ ...to, ownKey: "dummy" });
  expect(() => placeOf({ type: "openai", api_key: "key-of-the-config" }, environment)).toThrow(
    "A .env file sends requests to elsewhere.example (OPENAI_BASE_URL), and the api_key of the config is not for there.",
  );
});

test("an address beside a key says where that key goes, also where it is the cloud's own", () => {
  const environment = { OPENAI_BASE_URL: "https://elsewhere.example/v1", OPENAI_API_KEY: "key-of-elsewhere" };
  const own = "https://api.openai.com/v1";
  const at = { type: "openai", base_url: own } as const;
  expect(placeOf({ ...at, api_key: "key-of-the-config" }, environment)).toEqual({ baseUrl: own, ownKey: "key-of-the-config" });
  const elsewhere = { baseUrl: "https://elsewhere.example/v1", ownKey: "key-of-elsewhere" };
  expect(placeOf(at, environment)).toEqual(elsewhere);
  expect(placeOf({ ...at, api_key: "key-of-elsewhere" }, environment)).toEqual(elsewhere);
});

test.each(["HTTPS_PROXY", "NODE_EXTRA_CA_CERTS", "MASSGEN_HOME", "XDG_DATA_HOME", "MASSGEN_CONFIG", "CLAUDE_CONFIG_DIR", "SHELL"])(
  "%s is for the environment alone to say",
  (name) => {
    write(first, `${name}=x\n`);
    expect(withEnvFiles({}, [first])).toEqual({
      environment: {},
      notices: [`${name} in ${join(first, ".env")} is left out: only the environment itself can say that.`],
    });
  },
);
