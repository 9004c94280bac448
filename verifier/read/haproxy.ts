import { isHaproxyLine } from "./words/haproxyWords";

/** haproxy.cfg, as far as it decides who is let through, for how long, and what its checks ask. */
export interface Haproxy {
  readonly sections: readonly HaproxySection[];
  /** Lines that cannot be read. */
  readonly problems: readonly string[];
}

export interface HaproxySection {
  readonly kind: "frontend" | "backend" | "listen";
  readonly name: string;
  readonly mode: string;
  readonly binds: readonly { readonly address: string; readonly port: number }[];
  /** Seconds, by name: client, server, connect, check, tunnel. */
  readonly timeouts: Readonly<Record<string, number>>;
  readonly defaultBackend: string | undefined;
  /** `use_backend`, in order: the first that holds is taken, before the default. */
  readonly choices: readonly HaproxyChoice[];
  readonly servers: readonly HaproxyServer[];
  readonly check: HaproxyCheck;
  /** `http-request return`, in order. */
  readonly answers: readonly HaproxyAnswer[];
}

/** A backend that is taken while at least so many servers of another are alive. */
export interface HaproxyChoice {
  readonly backend: string;
  readonly voters: string;
  readonly votes: number;
}

export interface HaproxyServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly checked: boolean;
  readonly checkPort: number;
  readonly checkTls: boolean;
  /** It gets connections only while all others are down. */
  readonly backup: boolean;
  /** How long a silent server may still get connections; Infinity: it is not checked. */
  readonly noticedAfterSeconds: number;
}

export interface HaproxyCheck {
  readonly kind: "tcp" | "http" | "redis" | "postgres" | "mysql";
  readonly path: string | undefined;
  readonly statuses: readonly string[];
  /** What a redis check waits for. */
  readonly expects: readonly string[];
  readonly markedDownCloses: boolean;
}

export interface HaproxyAnswer {
  readonly status: string;
  /** Paths it is for; none: all. */
  readonly paths: readonly string[];
  /** Backend that must have a living server; undefined: unconditional. */
  readonly alive: string | undefined;
}

interface Draft {
  kind: HaproxySection["kind"];
  name: string;
  mode: string;
  binds: { address: string; port: number }[];
  timeouts: Record<string, number>;
  defaultBackend: string | undefined;
  choices: HaproxyChoice[];
  serverLines: string[];
  defaultServer: string;
  options: string[];
  checkLines: string[];
  answers: HaproxyAnswer[];
}

const UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };
/** Names of the sections with the servers behind one. */
export function backendNames({ kind, name, defaultBackend, choices }: HaproxySection): readonly string[] {
  const own = kind === "listen" ? [name] : [];
  return [...own, ...choices.map(({ backend }) => backend), ...(defaultBackend === undefined ? [] : [defaultBackend])];
}

/** The sections with the servers behind one. */
export function backendSections(haproxy: Haproxy | undefined, section: HaproxySection): readonly HaproxySection[] {
  const names = backendNames(section);
  return (haproxy?.sections ?? []).filter(({ kind, name }) => kind !== "frontend" && names.includes(name));
}

export function parseHaproxy(content: string): Haproxy {
  const problems: string[] = [];
  const drafts: Draft[] = [];
  let defaults: Draft | undefined;
  let current: Draft | "global" | undefined;
  for (const raw of content.split("\n")) {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") continue;
    const header = /^(global|defaults|frontend|backend|listen)(?:\s+(\S+))?$/.exec(line);
    if (header !== null) {
      const [, kind = "", name = ""] = header;
      if (kind === "global") current = "global";
      else {
        const draft = emptyDraft(kind, name, defaults);
        if (kind === "defaults") defaults = draft;
        else drafts.push(draft);
        current = draft;
      }
      continue;
    }
    if (current === undefined || !isHaproxyLine(current === "global" ? current : "section", line)) problems.push(line);
    else if (current !== "global") readLine(current, line);
  }
  return { sections: drafts.map((draft) => finish(draft, problems)), problems };
}

function emptyDraft(kind: string, name: string, defaults: Draft | undefined): Draft {
  return {
    kind: kind === "frontend" || kind === "listen" ? kind : "backend",
    name,
    mode: defaults?.mode ?? "tcp",
    binds: [],
    timeouts: { ...defaults?.timeouts },
    defaultBackend: undefined,
    choices: [],
    serverLines: [],
    defaultServer: "",
    options: [],
    checkLines: [],
    answers: [],
  };
}

/** One line that is understood. */
function readLine(draft: Draft, line: string): void {
  const [word = "", second = "", third = ""] = line.split(/\s+/);
  switch (word) {
    case "mode":
      draft.mode = second;
      break;
    case "bind": {
      const [address = "", port = ""] = second.split(":");
      draft.binds.push({ address: address === "" ? "*" : address, port: Number(port) });
      break;
    }
    case "timeout": {
      draft.timeouts[second] = seconds(third) ?? 0;
      break;
    }
    case "default_backend":
      draft.defaultBackend = second;
      break;
    case "use_backend": {
      const [, voters = "", votes = ""] = /nbsrv\((\S+)\) ge (\d+) /.exec(line) ?? [];
      draft.choices.push({ backend: second, voters, votes: Number(votes) });
      break;
    }
    case "server":
      draft.serverLines.push(line);
      break;
    case "default-server":
      draft.defaultServer = line.slice(word.length);
      break;
    case "http-check":
    case "tcp-check":
      draft.checkLines.push(line);
      break;
    case "http-request":
      if (second === "return") draft.answers.push(readAnswer(line));
      break;
    case "option":
      if (/check|chk/.test(second)) draft.options.push(second);
      break;
    default:
    // Logs and limits of the whole: they open, close and choose nothing.
  }
}

function readAnswer(line: string): HaproxyAnswer {
  const paths = /\{ path ([^}]*) \}/.exec(line)?.[1];
  const alive = /\{ nbsrv\(([^)]*)\) gt 0 \}/.exec(line)?.[1];
  return { status: /\bstatus (\d+)/.exec(line)?.[1] ?? "", paths: paths?.split(/\s+/) ?? [], alive };
}

function finish(draft: Draft, problems: string[]): HaproxySection {
  const servers = draft.serverLines.flatMap((line) => {
    const match = /^server\s+(\S+)\s+([\d.]+):(\d+)\s*(.*)$/.exec(line);
    if (match === null) {
      problems.push(line);
      return [];
    }
    const [, name = "", address = "", port = "", own = ""] = match;
    const options = ` ${draft.defaultServer} ${own} `;
    const checked = / check /.test(` ${own} `);
    return [
      {
        name,
        address,
        port: Number(port),
        checked,
        backup: / backup /.test(options),
        noticedAfterSeconds: checked ? noticedAfter(options, draft.timeouts) : Infinity,
        checkPort: Number(/ port (\d+) /.exec(options)?.[1] ?? port),
        checkTls: / check-ssl /.test(options),
      },
    ];
  });
  const { kind, name, mode, binds, timeouts, defaultBackend, choices, answers } = draft;
  return { kind, name, mode, binds, timeouts, defaultBackend, choices, answers, servers, check: readCheck(draft) };
}

/** It falls silent just after a check; each of the next ones waits until its end (docs.haproxy.org, fall and inter). */
function noticedAfter(options: string, timeouts: Readonly<Record<string, number>>): number {
  const interval = seconds(/ inter (\S+) /.exec(options)?.[1]) ?? 2;
  const fast = seconds(/ fastinter (\S+) /.exec(options)?.[1]) ?? interval;
  const fall = Number(/ fall (\d+) /.exec(options)?.[1] ?? 3);
  return interval + fall * (timeouts["check"] ?? interval) + (fall - 1) * fast;
}

/** A time as HAProxy writes it; milliseconds where no unit is said. */
function seconds(text: string | undefined): number | undefined {
  const match = /^(\d+)(\D*)$/.exec(text ?? "");
  if (match === null) return undefined;
  const [, value = "", unit = ""] = match;
  return Number(value) * (UNITS[unit === "" ? "ms" : unit] ?? 1);
}

function readCheck({ options, checkLines, defaultServer }: Draft): HaproxyCheck {
  const path = checkLines.map((line) => /\buri (\S+)/.exec(line)?.[1]).find((found) => found !== undefined);
  const statuses = checkLines.flatMap((line) => /^http-check expect status (\S+)/.exec(line)?.[1]?.split(",") ?? []);
  const expects = checkLines.flatMap(
    (line) => /^tcp-check expect (?:min-recv \d+ )?string (.+)$/.exec(line)?.[1] ?? [],
  );
  const kind = options.includes("httpchk")
    ? "http"
    : options.includes("pgsql-check")
      ? "postgres"
      : options.includes("mysql-check")
        ? "mysql"
        : expects.some((text) => text.startsWith("role:"))
          ? "redis"
          : "tcp";
  return { kind, path, statuses, expects, markedDownCloses: defaultServer.includes("shutdown-sessions") };
}
