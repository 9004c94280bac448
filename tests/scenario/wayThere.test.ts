import { CloudView } from "./support/cloudView";
import { Stand, type RunDocument } from "./support/stand";

// A change whose end is sound is planned on what a first up has left, and its way there is judged before anything
// happens.
const LIMIT = 300_000;
const STACK = ["--stack", "staging"] as const;
const FILE = "stacks/staging.ts";

/** As verifier/change/judgeChange.ts has it. */
interface Way {
  readonly ok: boolean;
  readonly harms: readonly { readonly kind: string; readonly why: string; readonly way: string }[];
  readonly timeline: { readonly moments: readonly { readonly what: string }[]; readonly web: string };
  readonly unknown: readonly string[];
}
const wayOf = (document: RunDocument): Way | undefined => (document as { readonly change?: Way }).change;

describe("the way from what a rehearsal has to what is wanted", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  /** The same run with one place of the environment changed. */
  const changed = async (command: "preview" | "up", from: string, to: string, ...more: readonly string[]) => {
    stand.edit(FILE, from, to);
    const ended = await stand.document(command, ...STACK, ...more);
    stand.edit(FILE, to, from);
    return ended;
  };

  test(
    "of what is not there yet nobody can lose anything",
    async () => {
      const { code, document } = await stand.document("up", ...STACK);
      expect([code, wayOf(document)]).toEqual([0, undefined]);
    },
    LIMIT,
  );

  test(
    "nothing changes: nothing is told",
    async () => {
      const { document } = await stand.document("preview", ...STACK);
      expect(wayOf(document)).toMatchObject({ ok: true, timeline: { moments: [], web: "The web: no interruption." } });
    },
    LIMIT,
  );

  test(
    "another port under those who ask there is refused by preview and up, and nothing is touched",
    async () => {
      const view = await CloudView.open(stand, "staging");
      const before = JSON.stringify(await view.hetzner("servers"));
      await view.close();
      for (const command of ["preview", "up"] as const) {
        const { code, document } = await changed(command, "ingressNodePort: 31695", "ingressNodePort: 31696");
        expect(code).toBe(1);
        expect(document.errors.join("\n")).toContain("The judge of changes refuses this: 1 finding(s)");
        expect(wayOf(document)?.harms).toEqual([
          expect.objectContaining({
            kind: "way",
            subject: "ingress/http",
            why: expect.stringMatching(/^port 31695\/tcp -> 31696\/tcp/) as string,
          }),
        ]);
      }
      const after = await CloudView.open(stand, "staging");
      expect(JSON.stringify(await after.hetzner("servers"))).toBe(before);
      await after.close();
    },
    LIMIT,
  );

  test(
    "what is safe is told in order, for a person, too",
    async () => {
      stand.edit(FILE, "dnsTtlSeconds: 60", "dnsTtlSeconds: 120");
      const { code, stdout } = await stand.run("preview", ...STACK);
      expect(code).toBe(0);
      expect(stdout).toContain("On the way nothing stops. The web: no interruption.");
    },
    LIMIT,
  );
});
