// A first entry of `workloads.apps`, proved as it stands: nginx answers until the application has its image.
import type { AppSpec } from "../stacks/environment";
import { PLACEHOLDER } from "../stacks/placeholder";
import { UsageError } from "./commandLine";

/** @param zone of the stack's public hosts */
export function firstEntry(name: string, zone: string): AppSpec {
  return {
    name,
    ...PLACEHOLDER,
    processes: [
      {
        kind: "web",
        port: 80,
        health: { kind: "http", path: "/" },
        scale: 2,
        expose: [{ host: `${name}.${zone}` }],
      },
    ],
  };
}

/** The same as it is written in a stack's file. */
export function entryText(name: string, zone: string): string {
  return `      {
        name: "${name}",
        // Until it has an image of its own: image, runtime, port and health are then the image's (docs/applications.md).
        ...PLACEHOLDER,
        processes: [
          {
            kind: "web",
            port: 80,
            health: { kind: "http", path: "/" },
            scale: 2,
            expose: [{ host: "${name}.${zone}" }],
          },
        ],
      },
`;
}

const LIST = "\n    apps: [\n";
const END = "\n    ],\n";
const IMPORT = 'import { PLACEHOLDER } from "./placeholder";\n';

/**
 * A stack's file with the entry as the last of its applications.
 *
 * @throws UsageError where the file has no list of applications
 */
export function withEntry(file: string, text: string, entry: string): string {
  const list = text.indexOf(LIST);
  const end = text.indexOf(END, list);
  if (list < 0 || end < 0)
    throw new UsageError(
      `${file} has no list "apps: [" of several lines in its workloads; add one, with this in it:\n${entry}`,
    );
  const at = end + 1;
  const added = `${text.slice(0, at)}${entry}${text.slice(at)}`;
  return added.includes(IMPORT) ? added : added.replace(/^(import .* from "\.\/environment";\n)/m, `$1${IMPORT}`);
}
