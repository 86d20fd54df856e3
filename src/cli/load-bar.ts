import type { LoadProgress } from "../models/model.ts";
import { duration } from "../views/measures.ts";
import type { Io } from "./io.ts";
import type { Narrator } from "./narrator.ts";

/** Without a terminal a line is written every so many percent. */
const STEP = 25;

/** Shows how far a model is read into memory: a line that is redrawn on a terminal, a few lines elsewhere. */
export function loadBar(
  { io, narrator }: { readonly io: Pick<Io, "clock">; readonly narrator: Narrator },
  model: string,
): (progress: LoadProgress) => void {
  const begun = io.clock.now();
  let told = -STEP;
  return ({ fraction }) => {
    const percent = fraction === undefined ? undefined : Math.floor(fraction * 100);
    const text = `Loading ${model}${percent === undefined ? "" : `, ${percent} %`}`;
    if (narrator.isLive) narrator.status(`${text}, ${duration(io.clock.now() - begun)}`);
    else if (told < 0 || (percent !== undefined && percent >= told + STEP)) {
      told = percent === undefined ? 0 : percent - (percent % STEP);
      narrator.line({ tone: "faint", text });
    }
  };
}
