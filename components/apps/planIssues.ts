/** One mistake in a plan: where, what was found, what is allowed there, and what to do about it. */
export interface PlanIssue {
  /** "chatwoot.processes.chatwoot-web.probes.liveness.port". */
  readonly path: string;
  /** The value found, as a reader recognises it; "(missing)" where there is none. */
  readonly value: string;
  readonly allowed: string;
  readonly fix: string;
}

/** Every mistake of one application at once. Never holds a secret: plans only hold placeholders. */
export class InvalidPlanError extends Error {
  constructor(
    readonly subject: string,
    readonly issues: readonly PlanIssue[],
  ) {
    const lines = issues.map(
      ({ path, value, allowed, fix }) => `  ${path}: ${value}; allowed: ${allowed}; fix: ${fix}`,
    );
    super([`${subject} has ${issues.length} mistake${issues.length === 1 ? "" : "s"}:`, ...lines].join("\n"));
    this.name = "InvalidPlanError";
  }
}
