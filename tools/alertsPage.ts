// docs/alerts.md, made of the rules themselves: what each alert means, and what to do.
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { AlertRule } from "../components/monitoring/alertRule";
import { allRules } from "../components/monitoring/rules/allRules";

export const ALERTS_PAGE = "docs/alerts.md";

/** An estate that has one of everything, in so many members that each can lose one. */
export const EVERYTHING = {
  ...{ nodes: 8, servers: 3, postgres: 3, redis: 3, rabbitmq: 3, mariadb: 3, objectStore: 1, vault: 3 },
  backups: [{ name: "postgres", maximumAgeHours: 26 }],
  ingressNginx: true,
} as const;

const HEAD = `# What each alert means

Made by \`npm run docs\` of the rules (\`components/monitoring/rules\`); the same words come with each alert. **critical**: customers notice it, or will with the next loss. **warning**: within office hours. An estate has those that fit it: one without RabbitMQ has none of RabbitMQ's. Where alerts go, \`monitoring.alerts\` of the environment says ([environment](environment.md)).

`;

/** "{{ $labels.instance }}" as a reader's word. */
const readable = (text: string): string => text.replaceAll(/\{\{ *\$labels\.(\w+) *\}\}/g, "_$1_");

function entry({ alert, holds, severity, summary, runbook }: AlertRule): string {
  return `### ${alert}\n\n**${severity}**, after ${holds}: ${readable(summary)}.\n\n${readable(runbook)}\n`;
}

/** The page's text, as Prettier leaves it. */
export async function alertsPage(): Promise<string> {
  const path = join(__dirname, "..", ALERTS_PAGE);
  const groups = allRules(EVERYTHING).map(({ name, rules }) => {
    return `## ${name}\n\n${rules.map(entry).join("\n")}`;
  });
  return format(`${HEAD}${groups.join("\n")}`, { ...(await resolveConfig(path)), filepath: path });
}
