import { basename, dirname } from "node:path";
import { git } from "../../models/workspaces/project-files.ts";

/** Whether git would take this file into a repository; false where there is none, or no git. */
export async function isLeftToGit(path: string): Promise<boolean> {
  try {
    await git(["check-ignore", "--quiet", basename(path)], dirname(path));
    return false;
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 1;
  }
}
