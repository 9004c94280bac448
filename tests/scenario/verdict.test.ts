// The verifier in the rehearsal: incident 1 done to the program itself, and what `npm run rehearse` makes of it.
import { Stand } from "./support/stand";

const LIMIT = 240_000;
const UFW = "components/machines/ufwFiles.ts";
const ROUTES = ".filter((route) => route.family === family)";
const NO_ROUTES = ".filter((_route) => false)";
const INGRESS = "ingressNodePort: 31695";

interface Judged {
  readonly verdict: {
    readonly ok: boolean;
    readonly findings: readonly { readonly question: string; readonly at: string; readonly rule: string }[];
    readonly accepted: readonly { readonly reasons: readonly string[] }[];
  };
}

describe("the verdict of a run", () => {
  let stand: Stand;
  beforeAll(() => {
    stand = new Stand();
  });
  afterAll(() => stand.dispose());

  test(
    "nodes that do not pass the pods' packets on: the program refuses before anything is registered, with exit code 1",
    async () => {
      stand.edit(UFW, ROUTES, NO_ROUTES);
      const { code, document } = await stand.document("up", "--stack", "staging");
      expect(code).toBe(1);
      expect(document.ok).toBe(false);
      // The stack itself is there before its program begins.
      expect(document.resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
      expect(document.errors.join()).toMatch(
        /^The verifier refuses this: \d+ finding\(s\), .* Nothing was registered\.$/,
      );
      const { findings } = (document as unknown as Judged).verdict;
      expect(findings).toContainEqual(
        expect.objectContaining({
          question: "open",
          at: "UFW of staging-k3s-worker-01 (forwarding)",
          rule: "missing: route allow from 10.233.96.0/19 to 0.0.0.0/0",
        }),
      );
      const status = await stand.run("status", "--stack", "staging");
      expect(status.stdout).not.toContain("hcloud:");
    },
    LIMIT,
  );

  test(
    "preview refuses it as well; mended, it is proved, and says how much is accepted",
    async () => {
      const broken = await stand.run("preview", "--stack", "staging");
      expect(broken.code).toBe(1);
      expect(broken.stdout).toContain("UFW of staging-k3s-worker-01 (forwarding)");
      expect(broken.stdout).toMatch(/remedy: let the nodes pass the pod network's packets on/);
      stand.edit(UFW, NO_ROUTES, ROUTES);
      const mended = await stand.run("preview", "--stack", "staging");
      expect(mended.code).toBe(0);
      expect(mended.stdout).toMatch(
        /^\d+ risks are accepted; npm run verify -- --stack staging has each with its reason\.$/m,
      );
      expect(mended.stdout.trimEnd()).toMatch(/Verdict: proved\. .*$/);
    },
    LIMIT,
  );

  test(
    "behind a controller of the Gateway API: it comes up, is proved, and what is assumed of it is printed",
    async () => {
      stand.edit("stacks/staging.ts", INGRESS, `${INGRESS}, ingress: { kind: "gateway", className: "eg" }`);
      const { code, stdout } = await stand.run("up", "--stack", "staging");
      expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
      expect(stdout).toContain("Assumed, and not proved (4):");
      expect(stdout).toContain("Gateway ingress-nginx/web: its controller (class eg) is not installed by the program.");
      expect(stdout.trimEnd()).toMatch(/Verdict: proved\. .*$/);
      const again = await stand.run("preview", "--stack", "staging");
      expect([again.code, again.stdout]).toEqual([0, expect.not.stringContaining("HTTPRoute chatwoot-web-")]);
    },
    LIMIT,
  );
});
