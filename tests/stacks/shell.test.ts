import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { k3sPowerTurn } from "../../components/cluster/k3s/k3sPowerTurn";
import { calicoManifests, manifestScript } from "../../components/cluster/pods/calicoConfig";
import { cloudInit } from "../../components/machines/cloudInit";
import { backupReport } from "../../components/monitoring/backupReport";
import { joinedScript } from "../../components/machines/joined";
import { mergeHostConfigs } from "../../components/machines/mergeHostConfigs";
import { packScript } from "../../components/machines/packScript";
import { renderScript } from "../../components/machines/render";
import { minioLayoutScript } from "../../components/data/minio/minioConfig";
import { takeKey } from "../../components/machines/takeKey";
import { formedScript, powerTurn, turnScript, turns } from "../../components/data/rollingRestart";
import { vaultAccessScript } from "../../components/workloads/vault/appAccess";
import { loadEnvironment, knownStacks } from "../../stacks/loadEnvironment";
import { planEstate } from "../../stacks/plan";
import { findChecker } from "../support/checkers";

const ROOT = join(__dirname, "..", "..");
const SETTINGS = {
  operatorCidrs: ["203.0.113.7/32"],
  operators: [{ name: "alice", publicKeys: ["ssh-ed25519 AAAA alice"] }],
  bastionSshPort: 22,
  bastionKubernetesPort: 6443,
  consentToDelete: [],
};
const EMPTY = mergeHostConfigs("db-master-01", []);
/** One of each kind, so that every job that ends logins is there. */
const ROTATIONS = {
  "postgres/chatwoot": 1,
  "redis/default": 1,
  "rabbitmq/keybuzz": 1,
  "minio/keybuzz-chatwoot": 1,
};

/** A host is sent those of its functions that its script calls, without comments. */
const ofLibrary = (path: string): boolean => path.startsWith("components/machines/script/");

/** Everything in bash or sh that the program puts on machines and into pods, by where it comes from. */
function everyScript(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const add = (where: string, text: string | undefined): void => {
    if (text === undefined) return;
    // Members differ in what they are given alone.
    const shape = text
      .replace(/=\([^)]*\)$/gm, "=()")
      .replace(/'[^']*'/g, "''")
      .replace(/\d+/g, "0");
    if (seen.has(shape)) return;
    seen.add(shape);
    found.set(where, text.startsWith("#!") ? text : `#!/bin/bash\n${text}\n`);
  };
  add(
    "the library of host scripts",
    files(".sh")
      .filter(ofLibrary)
      .map((path) => readFileSync(join(ROOT, path), "utf8"))
      .join("\n"),
  );
  add("a whole host script", renderScript(EMPTY).script);
  add("the same, packed", packScript(renderScript(EMPTY).script));
  add("manifests", manifestScript(calicoManifests()));
  add("the end of a backup", backupReport("postgres"));
  add("first boot", firstBoot());
  add("who reads what in Vault", `#!/bin/sh\n${vaultAccessScript([{ name: "shop", namespace: "connectors" }])}`);
  add("several machines for MinIO", minioLayoutScript());
  add("one more key", takeKey({ user: "keybuzz", key: "ssh-ed25519 AAAA" }));
  const { leave, back } = k3sPowerTurn("k3s-worker-01", true);
  add("a Node that leaves", leave);
  add("a Node that is back", back);
  for (const stack of knownStacks()) {
    const environment = loadEnvironment(stack);
    const plan = planEstate({ ...environment, rotations: stack === "local" ? ROTATIONS : {} }, SETTINGS);
    for (const { name, config } of plan.hosts) {
      for (const { path, content } of config.files)
        if (/^#!\/bin\/(ba)?sh\n/.test(content)) add(`${name}:${path}`, content);
      for (const { id, run, when } of config.steps) {
        add(`${name}, step ${id}`, run.join("\n"));
        if (when.kind === "unless") add(`${name}, guard of ${id}`, when.command);
      }
      for (const { id, command } of [...config.checks, ...config.joined]) add(`${name}, check ${id}`, command);
      add(`${name}, joined`, joinedScript(config));
    }
    for (const { app } of plan.apps) {
      for (const { path, content } of app.files) if (path.endsWith(".sh")) add(`${stack}: ${path}`, content);
      for (const command of shellCommands(app)) add(`${stack}: a command of ${app.name}`, command);
    }
    for (const service of plan.services.data) {
      add(`${stack}: ${service.name}, job`, service.clusterJob()?.script);
      add(`${stack}: ${service.name}, end of logins`, service.retireScript());
      for (const host of service.hosts.hosts) {
        const rolling = service.rolling(host);
        if (rolling === undefined) continue;
        add(`${stack}: ${service.name}, formed`, formedScript(rolling));
        add(`${stack}: ${service.name}, leave`, powerTurn(rolling, host, service.hosts.hosts.length).leave);
        for (const turn of turns(rolling, service.hosts.hosts))
          add(`${stack}: ${service.name}, turn`, turnScript(rolling, turn));
      }
    }
  }
  return found;
}

/** What containers run by ["sh", "-c", "..."]. */
function shellCommands(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && value[1] === "-c" && /^(ba)?sh$/.test(String(value[0]))) return [String(value[2])];
  return Object.values(value).flatMap(shellCommands);
}

function firstBoot(): string {
  const userData = parse(
    cloudInit({
      hostname: "db-master-01",
      sshUser: "keybuzz",
      authorizedKeys: ["ssh-ed25519 AAAA operator"],
      networkCidr: "10.0.0.0/16",
      gateway: "10.0.0.1",
    }),
  ) as { readonly bootcmd: readonly (readonly string[])[] };
  return shellCommands(userData.bootcmd).join("\n");
}

const scripts = everyScript();

/** Paths of all files of the program that end so. */
function files(...ending: readonly string[]): readonly string[] {
  return ["components", "stacks"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => ending.some((end) => name.endsWith(end)))
      .map((name) => join(folder, name))
      .sort(),
  );
}

/** What stays as it is when a file is rendered. */
function body(path: string): string {
  const text = readFileSync(join(ROOT, path), "utf8");
  const [, after = text] = text.split(/^# Given by the program:\n(?:.+\n)*/m);
  return after.replace(/^# shellcheck shell=.*\n/, "").trim();
}

describe("the program's shell", () => {
  test("is in use, and so is looked at here, in all its files", () => {
    const texts = [...scripts.values()];
    expect(files(".sh").filter((path) => !texts.some((text) => text.includes(body(path))))).toEqual([]);
    expect(files(".sh").length).toBeGreaterThan(40);
  });

  test("is in files of its own: none in TypeScript, but for the frame of host scripts", () => {
    const shell = /\bset -[A-Za-z]*e|#!\/(bin\/|usr\/bin\/env )(ba)?sh|; (then|do)["'`]?,?$|; (fi|done)\b/m;
    const holding = files(".ts").filter((path) =>
      shell.test(readFileSync(join(ROOT, path), "utf8").replace(/^\s*(\*|\/[/*]).*$/gm, "")),
    );
    expect(holding).toEqual([
      "components/machines/packScript.ts",
      "components/machines/parseScript.ts",
      "components/machines/render.ts",
    ]);
  });

  test("reads what it is told to the end: a command whose pipe breaks fails, and with it the whole line", () => {
    const early = /(?<!\|)\|\s*(grep\s+(-\w+\s+)*-\w*q|head\b)/;
    const leaving = [...scripts].flatMap(([where, text]) =>
      text.split("\n").flatMap((line) => (early.test(line) ? [`${where}: ${line.trim()}`] : [])),
    );
    expect(leaving).toEqual([]);
  });

  test("is what bash and sh can read", () => {
    for (const [where, text] of scripts) {
      const shell = text.startsWith("#!/bin/sh\n") ? "sh" : "bash";
      expect([where, spawnSync(shell, ["-n"], { input: text, encoding: "utf8" }).stderr]).toEqual([where, ""]);
    }
  });
});

const shellcheck = findChecker("shellcheck");

(shellcheck === undefined ? test.skip : test)("shellcheck has nothing to say about any of it", () => {
  const folder = mkdtempSync(join(tmpdir(), "keybuzz-shell-"));
  try {
    const names = [...scripts.keys()];
    [...scripts.values()].forEach((text, index) => writeFileSync(join(folder, String(index)), text));
    const done = spawnSync(shellcheck ?? "", ["--format=gcc", ...names.map((_, index) => String(index))], {
      cwd: folder,
      encoding: "utf8",
    });
    const said = done.stdout.replace(/^\d+/gm, (index) => names[Number(index)] ?? index);
    expect({ said, status: done.status }).toEqual({ said: "", status: 0 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
