import { MassgenError } from "../core/errors.ts";
import type { Attachment } from "../core/facts/attachment.ts";
import type { Agent } from "../core/facts/settings.ts";
import { listed } from "../core/listed.ts";
import { takes } from "../core/prompts/attachments-in-prompt.ts";

/** A seat as far as files matter. */
type Taker = Pick<Agent, "id" | "model" | "accepts">;

/**
 * Who can be given which files.
 * @returns a sentence for each file that some agents are only told about
 * @throws MassgenError `config` for a file that no agent can be given
 */
export function checkTakers(attachments: readonly Attachment[], agents: readonly Taker[]): readonly string[] {
  return attachments.flatMap((attachment) => {
    const without = agents.filter((agent) => !takes(agent, attachment));
    if (without.length === 0) return [];
    if (without.length === agents.length) throw nobody(attachment, agents);
    const read = without.length === 1 ? "reads" : "read";
    const { name } = attachment;
    return [`${named(without)} ${read} no ${kindFor(attachment, without)}: in place of ${name} there is a note that it was attached.`];
  });
}

function nobody(attachment: Attachment, agents: readonly Taker[]): MassgenError {
  const { kind, name } = attachment;
  const [a, accepted] = kind === "pdf" ? ["the PDF", "pdf"] : ["the image", "image"];
  const are = agents.length === 1 ? "is" : "are";
  return new MassgenError(
    "config",
    `No agent can be given ${a} ${name}: ${named(agents)} ${are} not known to read ${kindFor(attachment, agents)}.`,
    {
      hint: `${otherwise(attachment, agents)}, or say that one does: accepts: [${accepted}] in its backend.`,
    },
  );
}

function otherwise({ kind }: Attachment, agents: readonly Taker[]): string {
  if (kind === "pdf") return "Ask a model that reads PDFs, turn it into text first (pdftotext)";
  return agents.some(seesOthers) ? "Save it as PNG or JPEG" : "Ask a model that reads images";
}

/** Images in general, or those of a type that a place cannot read. */
function kindFor({ kind, mediaType }: Attachment, agents: readonly Taker[]): string {
  if (kind === "pdf") return "PDFs";
  return agents.every(seesOthers) ? `images of type ${mediaType}` : "images";
}

function seesOthers({ accepts }: Taker): boolean {
  return accepts?.images === true;
}

function named(agents: readonly Taker[]): string {
  return listed(agents.map(({ id, model }) => `${id} (${model})`));
}
