/** Asks about an image and some text, with contents that are kept in a folder. `node examples/with-files.ts photo.png "What is that?"` */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createChatCompletion, createCouncil, createFolderBlobs } from "massgen";

export async function askAbout(baseUrl: string, photo: string, question: string, blobs: string): Promise<string> {
  const sees = createChatCompletion({ baseUrl, model: "vision", accepts: { images: true, pdf: false } });
  const reads = createChatCompletion({ baseUrl, model: "text" });
  const council = createCouncil({ seats: [{ model: sees }, { model: reads }], blobs: createFolderBlobs(blobs) });
  try {
    const run = council.ask(question, {
      attachments: [
        { name: basename(photo), data: await readFile(photo) },
        { name: "note.txt", data: new TextEncoder().encode("Taken in Kyoto.") },
      ],
    });
    return (await run.result).answer ?? "no answer";
  } finally {
    await council.close();
  }
}

if (import.meta.main) {
  const [photo = "photo.png", question = "What is that?"] = process.argv.slice(2);
  process.stdout.write(`${await askAbout("http://127.0.0.1:8080/v1", photo, question, "blobs")}\n`);
}
