import ts from "typescript";
import { textOf } from "../../house/support/trackedFiles";
import type { AppSpec, Environment, WorkloadsSpec } from "../../../stacks/environment";
import { environment as prod } from "../../../stacks/prod";

export const PAGE = "docs/applications.md";

/** An entry as the page has it. */
export interface Written {
  /** With its first line and last. */
  readonly text: string;
  readonly lines: number;
  readonly app: AppSpec;
}

/** The entries of the page, in its order. */
export function writtenApps(): readonly Written[] {
  return [...textOf(PAGE).matchAll(/^```ts\n(const \w+: AppSpec = [\s\S]*?)^```$/gm)].map(([, text = ""]) => ({
    text,
    lines: text.trimEnd().split("\n").length,
    app: evaluated<AppSpec>(text),
  }));
}

/** What `helm template` would print for the entry of the page that is a chart's: test data, written for this. */
const CHART = "tests/apps/support/redisInsight";

type ObjectsSpec = NonNullable<WorkloadsSpec["objects"]>[number];

/** The entry of objects that others wrote, with such objects in its directory. */
export function writtenObjects(): { readonly lines: number; readonly objects: readonly ObjectsSpec[] } {
  const [, text = ""] = /^```ts\n(objects: \[[\s\S]*?),\n```$/m.exec(textOf(PAGE)) ?? [];
  const objects = evaluated<readonly ObjectsSpec[]>(`const all = ${text.replace(/^objects: /, "")};`);
  return {
    lines: text.split("\n").length,
    objects: objects.map((entry) => ({ ...entry, directory: CHART })),
  };
}

/** Prod with them; what prod lacks for one of them is there. */
export function prodWith(apps: readonly AppSpec[], objects: readonly ObjectsSpec[] = []): Environment {
  const { workloads } = prod;
  const registries = [{ registry: "registry.example.org", username: "ci", passwordKey: "exampleRegistryToken" }];
  const second = { otherZones: [{ zone: "keybuzz.help", manageZone: true, records: [] }] };
  const web = { ...prod.web, ...(apps.some(({ name }) => name === "handbook") ? second : {}) };
  const [, accepted = ""] = /^```ts\naccepted: (\[[\s\S]*?\]),\n```$/m.exec(textOf(PAGE)) ?? [];
  const risks = objects.length === 0 ? [] : evaluated<NonNullable<Environment["accepted"]>>(`const all = ${accepted};`);
  return {
    ...prod,
    web,
    accepted: [...(prod.accepted ?? []), ...risks],
    workloads: { ...workloads, registries, objects, apps: [...(workloads.apps ?? []), ...apps] },
  };
}

/**
 * Prod once KeyBuzz' API has a real image, and Chatwoot its mail: Node on 3000, /health, a migration, the web and a mail
 * server; SMTP, IMAP and public attachments. Nothing but entries.
 */
export function withRealNeeds(environment: Environment): Environment {
  const { apps = [], chatwoot } = environment.workloads;
  const api = ({ runtime: _placeholder, ...app }: AppSpec): AppSpec => ({
    ...app,
    image: "ghcr.io/keybuzzio/keybuzz-api:1.0.0",
    env: { NODE_ENV: "production", PORT: "3000" },
    configuredSecrets: { SMTP_PASSWORD: "apiSmtpPassword" },
    needs: {
      ...app.needs,
      internet: [
        { port: 443, purpose: "asks shops and marketplaces" },
        { port: 587, purpose: "sends mail" },
      ],
    },
    migration: { command: ["node", "migrate.js"] },
    processes: app.processes.map((one) =>
      one.kind === "web" ? { ...one, port: 3000, health: { kind: "http", path: "/health" } } : one,
    ),
  });
  return {
    ...environment,
    workloads: {
      ...environment.workloads,
      apps: apps.map((app) => (app.name === "keybuzz-api" ? api(app) : app)),
      ...(chatwoot === undefined
        ? {}
        : {
            chatwoot: {
              ...chatwoot,
              smtp: { host: "smtp.example.org", port: 587, domain: "keybuzz.io", username: "support" },
              mailboxPorts: [993, 587],
              publicAttachments: true,
            },
          }),
    },
  };
}

function evaluated<T>(text: string): T {
  const [, name = ""] = /^const (\w+)/.exec(text) ?? [];
  const { outputText } = ts.transpileModule(`${text}\nreturn ${name};`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.None },
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the page's own text, as its readers would write it
  return (new Function(outputText) as () => T)();
}
