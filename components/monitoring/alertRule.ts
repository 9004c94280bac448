import { stringify } from "yaml";

/** A Prometheus duration. */
export type Duration = `${number}${"s" | "m" | "h" | "d"}`;

/** One thing that can go wrong, how it is seen, and what a person does about it. */
export interface AlertRule {
  readonly alert: string;
  /** PromQL; every series that it returns is one alert. */
  readonly expr: string;
  /** How long it must hold. */
  readonly holds: Duration;
  /** critical: customers notice it, or will with the next loss. warning: within office hours. */
  readonly severity: "critical" | "warning";
  /** One line; may hold {{ $labels.name }}. Never {{ $value }}: a message must not change while the cause is one. */
  readonly summary: string;
  /** What to look at and what to do, in order. */
  readonly runbook: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** A file of rules as Prometheus reads it. */
export function rulesFile(groups: readonly RuleGroup[]): string {
  return stringify(
    {
      groups: groups.map(({ name, rules }) => ({
        name,
        rules: rules.map(({ alert, expr, holds, severity, summary, runbook }) => ({
          alert,
          expr,
          for: holds,
          labels: { severity },
          annotations: { summary, runbook },
        })),
      })),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/** Members that may not be fewer: with exactly so many alive, the next loss stops the cluster. */
export function majority(members: number): number {
  return Math.floor(members / 2) + 1;
}
