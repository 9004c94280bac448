/** What a caller can tell apart without reading the message. */
export type EngineErrorCode =
  "state-damaged" | "state-newer" | "state-foreign" | "passphrase" | "locked" | "project" | "options";

/** The engine refuses to start; nothing has been touched. The message names the file or option and the way out. */
export class EngineError extends Error {
  constructor(
    readonly code: EngineErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "EngineError";
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
