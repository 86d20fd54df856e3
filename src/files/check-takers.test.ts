import { describe, expect, test } from "vitest";
import type { Attachment } from "../core/facts/attachment.ts";
import { checkTakers } from "./check-takers.ts";

const file = (name: string, kind: Attachment["kind"], mediaType: string): Attachment => ({
  id: "0".repeat(64),
  name,
  mediaType,
  bytes: 1,
  kind,
  tokens: 1,
});
const png = file("a.png", "image", "image/png");
const webp = file("a.webp", "image", "image/webp");
const pdf = file("a.pdf", "pdf", "application/pdf");
const text = file("a.txt", "text", "text/plain");

const blind = { id: "blind", model: "m" };
const local = { id: "local", model: "n", accepts: { images: true, pdf: false, imageTypes: ["image/png", "image/jpeg"] } };
const cloud = { id: "cloud", model: "o", accepts: { images: true, pdf: true } };

describe("who is given which files", () => {
  test("nobody needs to be told where all can take all", () => {
    expect(checkTakers([png, webp, pdf, text], [cloud])).toEqual([]);
    expect(checkTakers([text], [blind])).toEqual([]);
  });

  test("who gets a note is named, with what it cannot read", () => {
    expect(checkTakers([png, webp, pdf], [blind, local, cloud])).toEqual([
      "blind (m) reads no images: in place of a.png there is a note that it was attached.",
      "blind (m) and local (n) read no images: in place of a.webp there is a note that it was attached.",
      "blind (m) and local (n) read no PDFs: in place of a.pdf there is a note that it was attached.",
    ]);
    expect(checkTakers([webp], [local, cloud])).toEqual([
      "local (n) reads no images of type image/webp: in place of a.webp there is a note that it was attached.",
    ]);
  });

  test.each([
    [
      png,
      [blind],
      "No agent can be given the image a.png: blind (m) is not known to read images.",
      /^Ask a model that reads images, or .*\[image\]/u,
    ],
    [
      webp,
      [local],
      "No agent can be given the image a.webp: local (n) is not known to read images of type image/webp.",
      /^Save it as PNG or JPEG/u,
    ],
    [webp, [blind, local], "blind (m) and local (n) are not known to read images.", /^Save it as PNG or JPEG/u],
    [pdf, [local], "No agent can be given the PDF a.pdf: local (n) is not known to read PDFs.", /pdftotext\), or .*\[pdf\]/u],
  ])("what nobody can be given is an error: %j", (attachment, agents, sentence, hint) => {
    expect(() => checkTakers([attachment], agents)).toThrow(sentence);
    expect(() => checkTakers([attachment], agents)).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) as string }));
  });
});
