import type { StepSpec } from "./hostConfig";

/** Changes nothing: where the script fails, the host's own ends with its words, before anything is put on the machine. */
export function refusingStep(id: string, script: string): StepSpec {
  return { id, stage: "beforePackages", when: { kind: "unless", command: script }, run: [script] };
}
