import { existsSync } from "node:fs";
import { stateSummary } from "@standin/pulumi-engine/stateSummary";
import { consentNames } from "../estate";
import { UsageError } from "./options";
import { embeddedStateFile } from "./paths";

/** @throws UsageError naming every consent that names nothing: it would be ignored, and looks as if it were not. */
export function checkConsent(stack: string, consent: readonly string[]): void {
  if (consent.length === 0) return;
  const names = consentNames(stack);
  if (names === undefined) return;
  const unknown = consent.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new UsageError(
    unknown.map((name) => `--consent "${name}" is nothing of ${stack}; allowed: ${names.join(", ")}`),
  );
}

/** URNs of the protected resources in the embedded engine's state. */
export function protectedUrns(dir: string): readonly string[] {
  const file = embeddedStateFile(dir);
  if (!existsSync(file)) return [];
  return (stateSummary(file)?.resources ?? []).filter(({ protect }) => protect).map(({ urn }) => urn);
}
