import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { encodeLine, stateHeader, STATE_VERSION } from "@standin/pulumi-engine/stateFormat";
import { knownStacks } from "../../stacks/loadEnvironment";
import { Stand } from "./support/stand";

const LIMIT = 120_000;
const STACK = ["--stack", "staging"];

describe("bad input is refused with its reason, and nothing is done", () => {
  let stand: Stand;
  beforeAll(() => {
    stand = new Stand();
  });
  afterAll(() => stand.dispose());

  test(
    "unknown command, options, stack and engine: all at once, exit code 2",
    async () => {
      const { code, stderr, stdout } = await stand.run(
        ...["upp", "--stack", "prdo", "--engine", "pulimi", "--kubernetes", "k8s", "--parallel", "none", "--colour"],
      );
      expect(code).toBe(2);
      expect(stdout).toBe("");
      for (const text of [
        'command "upp" is unknown; write "up"; allowed: up, preview',
        `--stack "prdo" is unknown; write "prod"; allowed: ${knownStacks().join(", ")}`,
        '--engine "pulimi" is unknown; write "pulumi"; allowed: auto, embedded, pulumi',
        '--kubernetes "k8s" is unknown; allowed: local, real',
        '--parallel "none" must be a whole number',
        'option "--colour" is unknown; allowed: --stack',
      ])
        expect(stderr).toContain(text);
      expect(existsSync(stand.state)).toBe(false);
    },
    LIMIT,
  );

  test(
    "a consent that names nothing: exit code 2",
    async () => {
      const { code, stderr } = await stand.run("destroy", ...STACK, "--consent", "db-01,staging-db-01");
      expect(code).toBe(2);
      expect(stderr).toContain('--consent "db-01" is nothing of staging; allowed: staging,');
      expect(stderr).not.toContain('"staging-db-01" is nothing');
    },
    LIMIT,
  );

  test(
    "mistyped configuration: every mistake at once, each with the line that mends it",
    async () => {
      const file = "Pulumi.staging.yaml";
      const config =
        'config:\n  keybuzz:operatorCidrs: ["0.0.0.0/1", "128.0.0.0/1", 7]\n  keybuzz:operators: [{name: root, publicKeys: ["rsa abc"]}]\n';
      stand.edit(file, "config: {}\n", config);
      const agent = process.env["SSH_AUTH_SOCK"];
      process.env["SSH_AUTH_SOCK"] = join(stand.dir, "no-agent");
      const { code, document, stderr } = await stand.document("up", ...STACK);
      if (agent === undefined) delete process.env["SSH_AUTH_SOCK"];
      else process.env["SSH_AUTH_SOCK"] = agent;
      stand.edit(file, config, "config: {}\n");
      expect(code).toBe(1);
      const told = document.errors.join("\n") + stderr;
      const operator = "keybuzz:operators[0]";
      for (const text of ["keybuzz:operatorCidrs[2]", `${operator}.name`, `${operator}.publicKeys[0]`]) {
        expect(told).toContain(text);
        expect(told).toContain(`pulumi config set --path '${text}'`);
      }
      expect(told).toMatch(/SSH_AUTH_SOCK: found .*no-agent, where no agent answers \(ENOENT\); .*unset SSH_AUTH_SOCK/);
      expect(told).toContain("0.0.0.0/1, 128.0.0.0/1: each wider than a /8 of IPv4");
      // No stack trace: it is the operator's mistake.
      expect(told).not.toMatch(/^\s+at /m);
      expect(document.resources.filter(({ type }) => !type.startsWith("pulumi:"))).toEqual([]);
    },
    LIMIT,
  );

  test(
    "a mistaken environment: the program and npm run verify tell the same, all at once",
    async () => {
      const file = "stacks/staging.ts";
      const edits: readonly (readonly [string, string])[] = [
        ["dnsTtlSeconds: 60,", "dnsTtlSeconds: 6,"],
        ["idleTimeoutSeconds: 300,", "idleTimeoutSeconds: 300, idleTimeout: 60,"],
        ["max: 4, databaseVia", "max: 1, databaseVia"],
        ["requestTimeoutSeconds: 60,", "requestTimeoutSeconds: 300,"],
        ["liteLlm: {", "liteLlm: { env: {},"],
      ];
      for (const [from, to] of edits) stand.edit(file, from, to);
      const { code, document } = await stand.document("preview", ...STACK);
      const verified = await stand.tool("verify", ...STACK);
      for (const [from, to] of edits) stand.edit(file, to, from);
      const told = document.errors.join("\n");
      expect([code, verified.code]).toEqual([1, 2]);
      expect(verified.stderr).toContain(told);
      expect(told.split("\n").map((line) => line.trim().split(": found")[0])).toEqual([
        "stack staging has 5 mistakes:",
        "web.dnsTtlSeconds",
        "web.idleTimeout",
        "workloads.liteLlm.env",
        "workloads.apps[0] (keybuzz-api).processes[0].scale.max",
        "support.staging.keybuzz.io/ (chatwoot-web, http).responseTimeoutSeconds",
      ]);
      expect(verified.stderr).not.toMatch(/^\s+at /m);
    },
    LIMIT,
  );

  test(
    "empty configuration",
    async () => {
      const file = "Pulumi.staging.yaml";
      stand.edit(file, "config: {}\n", "config:\n  keybuzz:operatorCidrs: []\n");
      const { code, stdout } = await stand.run("preview", ...STACK);
      stand.edit(file, "config:\n  keybuzz:operatorCidrs: []\n", "config: {}\n");
      expect(code).toBe(1);
      expect(stdout).toContain("allowed: a list with at least one entry");
    },
    LIMIT,
  );

  describe("what an earlier run has left", () => {
    const refuse = async (stack: string, message: RegExp, file: string): Promise<void> => {
      const before = readFileSync(file, "utf8");
      for (const command of ["up", "destroy"]) {
        const { code, stdout, stderr } = await stand.run(command, "--stack", stack);
        expect(code).toBe(1);
        expect(stdout).toBe("");
        expect(stderr).toMatch(message);
        expect(stderr).toContain(file);
        // A refusal, not a crash.
        expect(stderr).not.toMatch(/^\s+at /m);
      }
      expect(readFileSync(file, "utf8")).toBe(before);
    };

    test(
      "a damaged state",
      async () => {
        await refuse("staging", /damaged|checksum|cannot be read/, stand.leave("staging", "state.json", '{"half'));
      },
      LIMIT,
    );

    test(
      "a state of a newer version",
      async () => {
        const header = { ...stateHeader("keybuzz", "staging", "AAAA", "AAAA"), version: STATE_VERSION + 1 };
        const file = stand.leave("staging", "state.json", encodeLine(header));
        await refuse("staging", new RegExp(`reads up to ${STATE_VERSION}; nothing was changed`), file);
      },
      LIMIT,
    );

    test(
      "a state whose cloud is gone",
      async () => {
        const entry = { key: "a", urn: "urn:pulumi:staging::keybuzz::a:b:C::a", type: "a:b:C", id: "1" };
        const text = encodeLine(stateHeader("keybuzz", "staging", "AAAA", "AAAA")) + encodeLine([{ op: "put", entry }]);
        await refuse(
          "staging",
          /knows 1 resources of staging, but .* is gone/,
          stand.leave("staging", "state.json", text),
        );
      },
      LIMIT,
    );

    test(
      "a state of the other engine",
      async () => {
        const checkpoint = { version: 3, checkpoint: { latest: { resources: [{ urn: "a" }] } } };
        const file = stand.leave("staging", "pulumi/.pulumi/stacks/keybuzz/staging.json", JSON.stringify(checkpoint));
        const { code, stdout, stderr } = await stand.run("up", "--stack", "staging");
        expect(code).toBe(1);
        expect(stdout).toBe("");
        expect(stderr).toMatch(/was brought up by the Pulumi CLI[^]*--engine pulumi/);
        expect(existsSync(file)).toBe(true);
        expect(existsSync(join(stand.state, "staging", "hetzner.db"))).toBe(false);
      },
      LIMIT,
    );

    test(
      "a damaged identity",
      async () => {
        const file = stand.leave("local", "identity.json", JSON.stringify({ ports: { hetzner: "x" }, token: "short" }));
        await refuse("local", /ports\.hetzner: [^]*token: [^]*nothing was changed/, file);
      },
      LIMIT,
    );

    test(
      "ports that other programs hold: all of them at once",
      async () => {
        const held: Server[] = [];
        try {
          const ports: number[] = [];
          for (let i = 0; i < 2; i++) {
            const server = createServer();
            held.push(server);
            await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
            const address = server.address();
            ports.push(typeof address === "object" && address !== null ? address.port : 0);
          }
          const [hetzner, ssh] = ports;
          stand.leave("local", "identity.json", JSON.stringify({ ports: { hetzner, ssh, kubernetes: hetzner } }));
          const { code, stderr } = await stand.run("up", "--stack", "local");
          expect(code).toBe(1);
          expect(stderr).toContain(`port ${hetzner} of 127.0.0.1 (hetzner) cannot be used (EADDRINUSE)`);
          expect(stderr).toContain(`port ${ssh} of 127.0.0.1 (ssh) cannot be used (EADDRINUSE)`);
          expect(stderr).toContain(join(stand.state, "local", "identity.json"));
          expect(existsSync(join(stand.state, "local", "hetzner.db"))).toBe(false);
        } finally {
          for (const server of held) server.close();
        }
      },
      LIMIT,
    );
  });
});
