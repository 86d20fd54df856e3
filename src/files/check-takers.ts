import { MassgenError } from "../core/errors.ts";
import type { Attachment, AttachmentKind } from "../core/facts/attachment.ts";
import type { Agent } from "../core/facts/settings.ts";
import { listed } from "../core/listed.ts";
import { takes } from "../core/prompts/attachments-in-prompt.ts";

const words: Readonly<Record<Exclude<AttachmentKind, "text">, { readonly a: string; readonly many: string; readonly otherwise: string }>> =
  {
    image: { a: "the image", many: "images", otherwise: "Ask a model that reads images" },
    pdf: { a: "the PDF", many: "PDFs", otherwise: "Ask a model that reads PDFs, turn it into text first (pdftotext)" },
  };

/** A seat as far as files matter. */
type Taker = Pick<Agent, "id" | "model" | "accepts">;

/**
 * Who can be given which files.
 * @returns a sentence for each file that some agents are only told about
 * @throws MassgenError `config` for a file that no agent can be given
 */
export function checkTakers(attachments: readonly Attachment[], agents: readonly Taker[]): readonly string[] {
  return attachments.flatMap((attachment) => {
    const { kind, name } = attachment;
    const without = agents.filter((agent) => !takes(agent, attachment));
    if (kind === "text" || without.length === 0) return [];
    const { a, many, otherwise } = words[kind];
    if (without.length < agents.length) {
      const is = without.length === 1 ? "reads no" : "read no";
      return [`${listed(without.map(nameOf))} ${is} ${many}: in place of ${name} there is a note that it was attached.`];
    }
    throw new MassgenError(
      "config",
      `No agent can be given ${a} ${name}: ${listed(agents.map(nameOf))} ${agents.length === 1 ? "is" : "are"} not known to read ${many}.`,
      {
        hint: `${otherwise}, or say that one does: accepts: [${kind}] in its backend.`,
      },
    );
  });
}

function nameOf({ id, model }: Taker): string {
  return `${id} (${model})`;
}
