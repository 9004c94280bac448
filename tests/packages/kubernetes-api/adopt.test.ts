import { X509Certificate } from "node:crypto";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { madeAuthority } from "./support/madeAuthority";
import { answer, signedClient } from "./support/signedClient";
import { TestCluster } from "./support/testCluster";

jest.setTimeout(60_000);

const PATH = "/api/v1/namespaces";

test("a cluster that is made with brought authorities is theirs, now and after a restart; its user's tools stay known", async () => {
  const cluster = await TestCluster.start();
  try {
    const former = cluster.local.authorities;
    const user = cluster.local.kubeconfig;
    const brought = { server: await madeAuthority("servers"), client: await madeAuthority("clients") };
    await cluster.local.adopt(brought);
    for (const restarted of [false, true]) {
      if (restarted) {
        await cluster.down();
        await cluster.up();
      }
      const { authorities, url } = cluster.local;
      expect(authorities.serverCertificate).toBe(brought.server.certificate);
      expect(authorities.client.certificate).toBe(brought.client.certificate);
      // As a program's own client: it knows the authority, and no name to ask for.
      const { certificate, key } = parseKubeconfig(cluster.local.writtenKubeconfig);
      const program = (ca: string): KubeClient =>
        new KubeClient({ ...parseKubeconfig(cluster.local.writtenKubeconfig), ca });
      expect(await answer(program(brought.server.certificate), "GET", PATH)).toBe(200);
      await expect(answer(program(former.serverCertificate), "GET", PATH)).rejects.toThrow(/certificate/);
      expect(key).toContain("PRIVATE KEY");
      const issued = new X509Certificate(certificate ?? "");
      expect(issued.verify(new X509Certificate(brought.client.certificate).publicKey)).toBe(true);
      const signed = await signedClient(cluster.local, "somebody", { group: "system:masters" });
      expect(await answer(signed, "GET", PATH)).toBe(200);
      expect(
        await answer(new KubeClient(parseKubeconfig(user.replace(/server: .*/, `server: ${url}`))), "GET", PATH),
      ).toBe(200);
    }
  } finally {
    await cluster.stop();
  }
});
