import type { FactOf } from "../facts.ts";
import type { RunState } from "../state.ts";
import { idle, withAgent, withTask } from "./change-state.ts";

export function toolRequested(state: RunState, request: FactOf<"tool-requested">): RunState {
  const asked = {
    ...state,
    tools: new Map(state.tools).set(request.toolId, { request, requestedAt: state.clock.elapsed }),
    openTools: [...state.openTools, request.toolId],
  };
  return withTask(asked, request.agent, request.callId, (task) => ({ ...task, status: "tools" }));
}

/** Tools of one reply run side by side: their time is the agent's once. Whose tool was cancelled is not asked on. */
export function toolSettled(state: RunState, { toolId, outcome }: FactOf<"tool-settled">): RunState {
  const use = state.tools.get(toolId);
  if (use === undefined || use.outcome !== undefined) return state;
  const { callId, agent: id } = use.request;
  const tools = new Map(state.tools).set(toolId, { ...use, outcome });
  const openTools = state.openTools.filter((open) => open !== toolId);
  const isLast = !openTools.some((open) => tools.get(open)?.request.callId === callId);
  return withAgent({ ...state, tools, openTools }, id, (agent) => {
    const spent = agent.spent + (isLast ? state.clock.elapsed - use.requestedAt : 0);
    const isOver = outcome.type === "cancelled" && agent.task?.callId === callId;
    return { ...(isOver ? idle(agent) : agent), spent };
  });
}
