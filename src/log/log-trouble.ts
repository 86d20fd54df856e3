import { MassgenError } from "../core/errors.ts";

/** @param what a whole clause naming the place: file, run and event */
export function damaged(what: string, hint: string, cause?: unknown): MassgenError {
  return new MassgenError("log-damaged", `The log is damaged: ${what}.`, { hint, cause });
}

/** @param where the file, and the run or line in it */
export function newer(where: string, what: string): MassgenError {
  return new MassgenError("log-newer", `The log was written by a newer massgen: ${where} ${what}.`, {
    hint: "Update massgen (npm install --global massgen@latest), then try again.",
  });
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "a file may not grow any further",
  EROFS: "the disk is read-only",
  ENOENT: "it cannot be made there",
  EACCES: "this user has no permission",
  EPERM: "this user has no permission",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "a file stands where a folder is needed",
  EISDIR: "a folder stands where a file is needed",
  EIO: "the disk failed",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the path is too long",
};

/** The trouble with a disk as a sentence; `undefined` for an error that is none. */
export function diskTrouble(path: string, error: unknown): MassgenError | undefined {
  const reason = systemReasons[(error as NodeJS.ErrnoException | undefined)?.code ?? ""];
  return reason === undefined ? undefined : diskError(path, reason, error);
}

export function diskError(path: string, reason: string, cause: unknown): MassgenError {
  return new MassgenError("disk", `Cannot use ${path}: ${reason}.`, {
    hint: "Put that right, or name another folder in the environment variable MASSGEN_HOME.",
    cause,
  });
}
