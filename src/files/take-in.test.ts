import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tinyPdf, tinyPng } from "../../test/files/tiny-files.ts";
import { MassgenError } from "../core/errors.ts";
import { type FileSource } from "./read-source.ts";
import { takeIn } from "./take-in.ts";

const folder = mkdtempSync(join(tmpdir(), "massgen-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const only = async (source: FileSource) => (await takeIn([source]))[0]?.attachment;
const named = (name: string, data: Uint8Array = utf8("text")): FileSource => ({ name, data });

describe("what contents are, whatever they are called", () => {
  test.each<[string, Uint8Array, object]>([
    ["PNG", tinyPng(), { kind: "image", mediaType: "image/png" }],
    ["GIF", Buffer.from("4749463839610100010000000000", "hex"), { kind: "image", mediaType: "image/gif" }],
    ["JPEG", Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"), { kind: "image", mediaType: "image/jpeg" }],
    ["WebP", Buffer.concat([Buffer.from("RIFF\0\0\0\0WEBPVP8 ", "latin1"), Buffer.alloc(20)]), { kind: "image", mediaType: "image/webp" }],
    ["PDF", tinyPdf(), { kind: "pdf", mediaType: "application/pdf" }],
    ["source", utf8("const a = 1;\n"), { kind: "text", mediaType: "text/plain" }],
    ["XML, which has a type of its own", utf8('<?xml version="1.0"?><a/>'), { kind: "text", mediaType: "text/plain" }],
    ["text with colours and a byte order mark", utf8("\uFEFF\u001B[1mbold\u001B[0m"), { kind: "text" }],
  ])("%s", async (_what, data, expected) => {
    expect(await only(named("some.dat", data))).toMatchObject(expected);
  });

  test.each<[string, Uint8Array, string]>([
    ["an archive", Buffer.from("504b0506000000000000000000000000000000000000", "hex"), "The file a is ZIP (application/zip)."],
    [
      "sound",
      Buffer.concat([Buffer.from("ID3\x03\0\0\0\0\0\0", "latin1"), Buffer.from("fffb9064", "hex"), Buffer.alloc(40)]),
      "The file a is MP3",
    ],
    ["UTF-16, the other way round", Buffer.from("feff0061", "hex"), "The file a is text in UTF-16."],
    ["nothing", new Uint8Array(), "The file a is empty."],
  ])("%s is refused", async (_what, data, sentence) => {
    await expect(only(named("a", data))).rejects.toThrow(sentence);
    await expect(only(named("a", data))).rejects.toBeInstanceOf(MassgenError);
  });
});

describe("what they cost to read, by rule of thumb", () => {
  test.each<[string, Uint8Array, number]>([
    ["a small image", tinyPng(10, 10), 85],
    ["an image of a million pixels", tinyPng(1_000, 1_000), 1_334],
    ["a large one, which is scaled down", tinyPng(4_000, 2_000), 1_600],
    ["a long one", tinyPng(3_136, 100), 105],
    ["an image that does not tell its size", Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"), 1_600],
    ["a PDF of seven pages", tinyPdf(7), 10_500],
    ["a PDF that tells their number alone", Buffer.from("%PDF-1.7 << /Type /Pages /Kids [1 0 R] /Count 12 >>"), 18_000],
    ["a packed PDF, by its size", Buffer.concat([Buffer.from("%PDF-1.7 "), Buffer.alloc(120_000, 0x41)]), 4_500],
    ["text, by its characters", utf8("word ".repeat(100)), 125],
  ])("%s", async (_what, data, tokens) => {
    expect(await only(named("a", data))).toMatchObject({ tokens });
  });
});

describe("names", () => {
  test.each([
    ["C:\\fakepath\\a.txt", "C:\\fakepath\\a.txt"],
    ['a"b<c>\nd.txt', "a_b_c__d.txt"],
    ["  ", "file"],
    [`${"a".repeat(100)}${"b".repeat(100)}.txt`, `${"a".repeat(60)}…${"b".repeat(56)}.txt`],
  ])("%j are one line", async (name, shown) => {
    expect(await only(named(name))).toMatchObject({ name: shown });
  });

  test("of a path are its last part, and ~/ is the home folder", async () => {
    const path = join(folder, "notes.txt");
    writeFileSync(path, "notes");
    expect(await only(path)).toMatchObject({ name: "notes.txt" });
    await expect(only("~/no such file in any home folder")).rejects.toThrow("There is no file ~/no such file in any home folder.");
    expect(homedir()).not.toBe("");
  });
});

describe("what is no file", () => {
  test.each([
    ["https://example.com/a.png", "https://example.com/a.png is an address, and only files of this machine can be attached."],
    ["a".repeat(300), /cannot be read: ENAMETOOLONG/u],
    [join(folder, "notes.txt", "inside"), /There is no file/u],
    [folder, "is a folder."],
  ])("%s", async (path, sentence) => {
    writeFileSync(join(folder, "notes.txt"), "notes");
    await expect(only(path)).rejects.toThrow(sentence);
  });
});

describe("limits", () => {
  test("hold for contents as for files, one by one and together", async () => {
    await expect(only(named("large", new Uint8Array(20_000_001)))).rejects.toThrow("The file large has 20.0 MB; the most is 20.0 MB.");
    const picture = (colour: number): FileSource =>
      named(`${colour}.png`, Buffer.concat([tinyPng(1, 1, [colour, 0, 0]), Buffer.alloc(17_000_000)]));
    await expect(takeIn([picture(1), picture(2), picture(3)])).rejects.toThrow(
      /All that is attached together has 51\.0 MB; the most is 50\.0 MB\./u,
    );
    const before = await takeIn([picture(1), picture(2)]);
    await expect(takeIn([...before, picture(3)])).rejects.toThrow("All that is attached together");
    expect(await takeIn([...before, picture(2)])).toHaveLength(2);
  });

  test("and what a config names is told with its place", async () => {
    await expect(takeIn([{ path: join(folder, "gone"), place: "council.yaml:3:5" }])).rejects.toThrow(
      /^council\.yaml:3:5: There is no file /u,
    );
  });
});
