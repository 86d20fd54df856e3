import type { AgentState, Call, RunState, Task } from "../state.ts";

export function withAgent(state: RunState, id: string, change: (agent: AgentState) => AgentState): RunState {
  return { ...state, agents: state.agents.map((agent) => (agent.agent.id === id ? change(agent) : agent)) };
}

export function withTask(state: RunState, id: string, callId: string, change: (task: Task) => Task): RunState {
  return withAgent(state, id, (agent) => (agent.task?.callId === callId ? { ...agent, task: change(agent.task) } : agent));
}

export function withCall(state: RunState, callId: string, change: (call: Call) => Call): RunState {
  const call = state.calls.get(callId);
  return call === undefined ? state : { ...state, calls: new Map(state.calls).set(callId, change(call)) };
}

export function idle(agent: AgentState): AgentState {
  const { task: _, ...rest } = agent;
  return rest;
}

export function settledDown(agent: AgentState): AgentState {
  const { improvesAfter: _, ...rest } = idle(agent);
  return rest;
}
