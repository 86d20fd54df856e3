import { describe, it } from "vitest";
import { describeEventLog } from "../testing/event-log-contract.ts";
import { createMemoryLog } from "./memory-log.ts";

describeEventLog({ describe, it }, "memory log", createMemoryLog);
