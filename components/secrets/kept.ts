/** What is lost for ever with a resource, and by whose name people consent to its end (keybuzz:consentToDelete). */
export interface Kept {
  /** The application, cluster or authority: "n8n". */
  readonly owner: string;
  /** In words, as the end of "With it goes ...". */
  readonly loses: string;
}

/** May it not go? Not where any of its names is consented to. */
export type KeptFrom = (...names: readonly string[]) => boolean;
