import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { parse } from "yaml";
import { kubernetesFacts, knownStacks, loadEnvironment, plannedHosts } from "../../rehearsal/estate";
import { startLocalCloud } from "../../rehearsal/localCloud";

// The plan takes seconds, and so does a cloud.
jest.setTimeout(60_000);

const STACKS = knownStacks();

test.each(STACKS)("%s: what the local API is told is what the stack's own K3s servers are", (stack) => {
  const server = plannedHosts(loadEnvironment(stack)).find(({ group }) => group === "k3sServers");
  const file = server?.config.files.find(({ path }) => path === "/etc/rancher/k3s/config.yaml");
  const config = parse(file?.content ?? "") as Readonly<Record<string, unknown>>;
  expect(kubernetesFacts(stack)).toEqual({
    names: config["tls-san"],
    podCidr: config["cluster-cidr"],
    serviceCidr: config["service-cidr"],
  });
});

test("a stack whose file is in error has no facts", () => {
  expect(kubernetesFacts("nowhere")).toBeUndefined();
});

/** Names and addresses in the certificate that a server shows. */
async function namesAt(url: string): Promise<readonly string[]> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const text = socket.getPeerCertificate().subjectaltname ?? "";
  socket.destroy();
  return text.split(", ").map((entry) => entry.replace(/^(DNS|IP Address):/, ""));
}

test("the local API's certificate has the stack's names, also when the stack's file has become wrong since", async () => {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-local-cloud-"));
  const start = (stack: string): ReturnType<typeof startLocalCloud> =>
    startLocalCloud({ stack, dir, kubernetes: "local", cacheDir: dir, log: () => undefined });
  try {
    for (const stack of ["staging", "nowhere"]) {
      const cloud = await start(stack);
      const shown = await namesAt(cloud.kubernetes.url).finally(() => cloud.close());
      expect(shown).toEqual(expect.arrayContaining([...(kubernetesFacts("staging")?.names ?? [])]));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
