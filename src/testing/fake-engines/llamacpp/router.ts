import { loading, type EngineCore } from "../engine-core.ts";
import { fields, refuse, respond, type Exchange, type Routes } from "../exchange.ts";
import type { FakeEngineOptions, ModelFacts, Refusal } from "../fake-engine.ts";
import { error } from "./validate.ts";

interface Child {
  readonly model: ModelFacts;
  readonly ready: Promise<void>;
  isReady: boolean;
  usedAt: number;
}

export interface Router {
  readonly routes: Routes;
  /** The model that a request goes to, loaded. */
  route(name: unknown): Promise<ModelFacts | Refusal>;
  isLoaded(id: string): boolean;
  unload(id: string): void;
}

const GONE = error(500, "The model was unloaded.", "server_error");

/** llama-server's router mode: a child for each model, the longest unused one makes room. */
export function createRouter(
  models: readonly ModelFacts[],
  options: FakeEngineOptions & { readonly autoload?: boolean },
  core: EngineCore,
): Router {
  const { maxLoaded = 4, loadMs, autoload = true } = options;
  const children = new Map<string, Child>();
  let uses = 0;

  const unload = (id: string): void => {
    children.delete(id);
    core.kill(id, GONE);
  };
  const makeRoom = (): void => {
    while (children.size >= maxLoaded) {
      const oldest = [...children.values()].sort((one, other) => rank(one, core) - rank(other, core) || one.usedAt - other.usedAt)[0];
      if (oldest === undefined) return;
      unload(oldest.model.id);
    }
  };
  const put = (model: ModelFacts, ready: Promise<void>): Child => {
    const child: Child = { model, ready, isReady: false, usedAt: (uses += 1) };
    void ready.then(() => (child.isReady = true));
    children.set(model.id, child);
    return child;
  };
  const load = (model: ModelFacts): Child => {
    const existing = children.get(model.id);
    if (existing !== undefined) return existing;
    makeRoom();
    core.loads.push(model.id);
    return put(model, loading(loadMs));
  };
  const find = (name: unknown): ModelFacts | Refusal =>
    models.find(({ id }) => id === name) ?? error(404, `model '${String(name)}' not found`, "not_found_error");

  for (const model of models.filter(({ loaded }) => loaded)) put(model, Promise.resolve()).isReady = true;

  const list = async (exchange: Exchange): Promise<void> => {
    const statusOf = (child: Child | undefined): string => (child === undefined ? "unloaded" : child.isReady ? "loaded" : "loading");
    await respond(exchange, {
      object: "list",
      data: models.map(({ id }) => ({
        id,
        object: "model",
        owned_by: "llamacpp",
        created: 1_790_000_000,
        status: { value: statusOf(children.get(id)), args: [] },
      })),
    });
  };
  const change =
    (apply: (model: ModelFacts) => void) =>
    async (exchange: Exchange): Promise<void> => {
      const model = find(fields(exchange)["model"]);
      if ("status" in model) return refuse(exchange, model);
      apply(model);
      await respond(exchange, { success: true });
    };

  return {
    routes: {
      "GET /models": list,
      "GET /v1/models": list,
      "POST /models/load": change((model) => void load(model)),
      "POST /models/unload": change(({ id }) => unload(id)),
    },
    async route(name) {
      const model = find(name);
      if ("status" in model) return model;
      if (!autoload && !children.has(model.id)) return error(400, "model is not loaded", "invalid_request_error");
      const child = load(model);
      await child.ready;
      if (children.get(model.id) !== child) return GONE;
      child.usedAt = uses += 1;
      return model;
    },
    isLoaded: (id) => children.get(id)?.isReady === true,
    unload,
  };
}

/** Idle ones go first. */
function rank({ model }: Child, core: EngineCore): number {
  return core.busy(model.id) ? 1 : 0;
}
