import { createHash } from "node:crypto";
import type { HostFile, HostScript, HostScripts } from "@standin/machines/simulated";

const FORMAT = "# a host script of the tests";

/** Host scripts of a made-up program: bash that does nothing, with what it stands for as JSON in a here-document. */
export const DEMO_SCRIPTS: HostScripts = {
  read: (script) => {
    const [, format, , json, ...end] = script.split("\n");
    if (format !== FORMAT) return undefined;
    if (end.join("\n") !== "END\n") throw new Error("the script was cut off or changed");
    return JSON.parse(json ?? "") as HostScript;
  },
  line: (host, text) => `demo: host ${host}: ${text}`,
};

export interface DemoParts {
  readonly packages?: readonly string[];
  readonly files?: readonly (Pick<HostFile, "path" | "content"> & Partial<HostFile>)[];
  readonly units?: HostScript["units"];
}

export function demoScript({ packages = [], files = [], units = [] }: DemoParts, host = "db-01"): string {
  const parts: Omit<HostScript, "hash"> = {
    host,
    packages: packages.map((name) => ({ name, version: undefined })),
    files: files.map((one) => ({ mode: "644", owner: "root", group: "root", secret: false, markers: [], ...one })),
    units,
    ...{ groups: [], users: [], directories: [], binaries: [], sysctl: {}, steps: [], checks: [] },
  };
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return ["#!/bin/bash", FORMAT, ": <<'END'", JSON.stringify({ ...parts, hash }), "END", ""].join("\n");
}
