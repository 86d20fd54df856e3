import type { Rung } from "../core/facts/settings.ts";

/** What was learned of a model on the hardware it runs on. Absent is what nobody has seen yet. */
export interface Learned {
  /** Tokens of a prompt that it reads in a second, those from a cache not counted. */
  readonly promptPerSecond?: number;
  /** Tokens that it writes in a second. */
  readonly tokensPerSecond?: number;
  readonly loadMs?: number;
  /** How it was last asked for a ballot that could be read. */
  readonly rung?: Rung;
  /** Whether it thinks before it answers, also where it was asked not to. */
  readonly thinks?: boolean;
}

/** Learns about one model; the CLI keeps it across runs. */
export interface Experience {
  readonly learned: Learned;
  learn(more: { readonly [Name in keyof Learned]?: Learned[Name] | undefined }): void;
}

/** Of a new measurement, how much counts against all before it. */
const WEIGHT = 0.3;
const measured = ["promptPerSecond", "tokensPerSecond", "loadMs"] as const;

/** @param keep is told all that is known whenever there is more */
export function createExperience(known: Learned = {}, keep: (learned: Learned) => void = () => {}): Experience {
  let learned = known;
  return {
    get learned() {
      return learned;
    },
    learn(more) {
      const averages = measured.flatMap((name) => {
        const [before, now] = [learned[name], more[name]];
        if (now === undefined || !Number.isFinite(now) || now <= 0) return [];
        return [[name, before === undefined ? now : before + WEIGHT * (now - before)]];
      });
      const { rung = learned.rung, thinks = learned.thinks } = more;
      learned = {
        ...learned,
        ...(Object.fromEntries(averages) as Partial<Learned>),
        ...(rung === undefined ? {} : { rung }),
        ...(thinks === undefined ? {} : { thinks }),
      };
      keep(learned);
    },
  };
}
