import type { RunEnded } from "../core/facts/run.ts";
import type { CouncilModel, RunModel } from "../models/model.ts";

interface SeatedModel {
  readonly id: string;
  readonly model: CouncilModel;
}

/** The models of one run: those that leave something behind are made for it. */
export interface RunModels {
  readonly models: ReadonlyMap<string, CouncilModel>;
  /** Keeps what the winner made. Says what a person should know of it, a sentence each. */
  readonly runEnded: (ended: RunEnded) => Promise<readonly string[]>;
}

export function modelsInRun(seats: readonly SeatedModel[], runId: string): RunModels {
  const own = new Map<string, RunModel>();
  const models = new Map(
    seats.map(({ id, model }): [string, CouncilModel] => {
      const inRun = model.inRun?.({ runId, agent: id });
      if (inRun !== undefined) own.set(id, inRun);
      return [id, inRun ?? model];
    }),
  );
  return {
    models,
    runEnded: async ({ winner }) => {
      const told = await Promise.all(
        [...own].map(async ([id, model]) => model.runEnded(winner === null ? "undecided" : winner === id ? "won" : "lost")),
      );
      return told.flat();
    },
  };
}
