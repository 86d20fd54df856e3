import { calls } from "./calls.ts";
import type { Entry } from "./entry.ts";
import { json } from "./json.ts";
import { labelled } from "./labelled.ts";
import { recorded } from "./recorded.ts";
import { thinking } from "./thinking.ts";

export const everyEntry: readonly Entry[] = [...recorded, ...json, ...calls, ...thinking, ...labelled];
