/** A pinned download. */
export interface PinnedBinary {
  readonly url: string;
  /** 64 hex digits. */
  readonly sha256: string;
}
