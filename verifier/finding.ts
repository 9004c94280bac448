/** The five questions, and what comes before them: can it be read at all? */
export type Question = "open" | "closed" | "patient" | "sound" | "alive" | "understood";

/** One thing that is wrong, in words that say where it is and what to do. */
export interface Finding {
  readonly question: Question;
  /** What suffers: a flow, a route, a pair, a check. */
  readonly subject: string;
  /** The filter or hop, e.g. "UFW of k3s-worker-01". */
  readonly at: string;
  /** The rule that does it, or the one that is missing. */
  readonly rule: string;
  /** What was found there. */
  readonly value: string;
  readonly remedy: string;
  /** Who is let in where nobody declared it, for matching accepted exposures: sources and destination. */
  readonly exposure?: { readonly from: readonly string[]; readonly to: string };
  /** "kubernetes:cert-manager.io/v1:Issuer letsencrypt": whose type is not known, for matching what is accepted unread. */
  readonly unread?: string;
  /** What it is that cannot be lost, for matching accepted single points. */
  readonly singlePoint?: string;
}

/** A finding that the environment accepts, with its reason. */
export interface Accepted {
  readonly finding: Finding;
  readonly reasons: readonly string[];
}

export interface Verdict {
  /** No finding is left. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly accepted: readonly Accepted[];
  /** What is trusted of parts that the program does not install, said each time. */
  readonly assumptions: readonly string[];
  /** Properties of the platform that no rule can change, said each time. */
  readonly notes: readonly string[];
  readonly counts: {
    readonly flows: number;
    /** Pairs of one source and one destination whose whole path was followed, or is like one that was (see Crowd). */
    readonly paths: number;
    /** Openings that were held against what is declared. */
    readonly openings: number;
    readonly routes: number;
    readonly checks: number;
    /** Hosts, balancers and placement groups taken away, one at a time. */
    readonly losses: number;
  };
}
