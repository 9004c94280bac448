import type { LocalKubernetes } from "@standin/kubernetes-api";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { answer, signedClient } from "./signedClient";
import { deployment, deployments } from "./testCluster";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const RBAC = "rbac.authorization.k8s.io";
const ROLES = `/apis/${RBAC}/v1`;

/** Who may what by certificates and bindings: the same in process and at kube-apiserver. */
export function accessScenarios(cluster: () => LocalKubernetes): void {
  const clients: KubeClient[] = [];
  const known = (client: KubeClient): KubeClient => {
    clients.push(client);
    return client;
  };
  const client = async (user: string, group?: string): Promise<KubeClient> =>
    known(await signedClient(cluster(), user, group === undefined ? {} : { group }));
  let master: KubeClient;
  beforeAll(() => {
    master = known(new KubeClient(parseKubeconfig(cluster().kubeconfig)));
  });
  afterAll(() => {
    for (const one of clients) one.close();
  });
  const bind = (kind: "ClusterRoleBinding" | "RoleBinding", name: string, group: string, role: string) =>
    answer(
      master,
      "POST",
      `${ROLES}/${kind === "RoleBinding" ? "namespaces/default/rolebindings" : "clusterrolebindings"}`,
      {
        apiVersion: `${RBAC}/v1`,
        kind,
        metadata: { name },
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role },
        subjects: [{ apiGroup: RBAC, kind: "Group", name: group }],
      },
    );
  /** Bindings count a moment after they are made. */
  const soon = async (wanted: number, ...what: Parameters<typeof answer>): Promise<void> => {
    for (let i = 0; i < 50 && (await answer(...what)) !== wanted; i++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await answer(...what)).toBe(wanted);
  };

  test("without a binding nothing, in the API's words; discovery all the same", async () => {
    const nobody = await client("nobody");
    await expect(nobody.request({ method: "GET", path: CONFIG_MAPS })).rejects.toThrow(
      'configmaps is forbidden: User "nobody" cannot list resource "configmaps" in API group "" in the namespace "default"',
    );
    await expect(nobody.request({ method: "DELETE", path: `${deployments}/web` })).rejects.toThrow(
      'deployments.apps "web" is forbidden: User "nobody" cannot delete resource "deployments" in API group "apps" in the namespace "default"',
    );
    await expect(nobody.request({ method: "GET", path: "/api/v1/nodes" })).rejects.toThrow(
      'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope',
    );
    expect(await answer(nobody, "GET", "/apis/apps/v1")).toBe(200);
  });

  test("a viewer sees everything but Secrets, and changes nothing", async () => {
    expect(await bind("ClusterRoleBinding", "see", "viewers", "view")).toBe(200);
    const viewer = await client("v", "viewers");
    await soon(200, viewer, "GET", CONFIG_MAPS);
    for (const seen of ["/apis/apps/v1/deployments", "/api/v1/namespaces", "/apis/batch/v1/jobs", "/api/v1/pods"])
      expect([seen, await answer(viewer, "GET", seen)]).toEqual([seen, 200]);
    for (const hidden of ["/api/v1/secrets", "/api/v1/nodes", `${ROLES}/clusterroles`, "/api/v1/persistentvolumes"])
      expect([hidden, await answer(viewer, "GET", hidden)]).toEqual([hidden, 403]);
    expect(await answer(viewer, "POST", deployments, deployment("seen"))).toBe(403);
  });

  test("an editor of one namespace changes what is there, rights excepted", async () => {
    expect(await bind("RoleBinding", "change", "editors", "edit")).toBe(200);
    const editor = await client("e", "editors");
    await soon(200, editor, "GET", "/api/v1/namespaces/default/secrets");
    expect(await answer(editor, "POST", deployments, deployment("edited"))).toBe(200);
    expect(await answer(editor, "GET", "/api/v1/namespaces/kube-system/secrets")).toBe(403);
    expect(await answer(editor, "GET", "/api/v1/secrets")).toBe(403);
    expect(await answer(editor, "GET", `${ROLES}/namespaces/default/rolebindings`)).toBe(403);
    expect(await answer(editor, "DELETE", `${deployments}/edited`)).toBe(200);
  });

  test("an admin may everything while the binding is there; the cluster's own roles count, with their names", async () => {
    expect(await bind("ClusterRoleBinding", "all", "admins", "cluster-admin")).toBe(200);
    const admin = await client("a", "admins");
    await soon(200, admin, "GET", "/api/v1/secrets");
    const rules = [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["mine"], verbs: ["get"] }];
    const role = { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name: "own" }, rules };
    expect(await answer(admin, "POST", `${ROLES}/clusterroles`, role)).toBe(200);
    expect(await bind("ClusterRoleBinding", "own", "owners", "own")).toBe(200);
    const owner = await client("o", "owners");
    await soon(404, owner, "GET", `${CONFIG_MAPS}/mine`);
    expect(await answer(owner, "GET", `${CONFIG_MAPS}/other`)).toBe(403);
    expect(await answer(master, "DELETE", `${ROLES}/clusterrolebindings/all`)).toBe(200);
    await soon(403, admin, "GET", "/api/v1/secrets");
  });

  test("a certificate for servers, and one of nobody's authority, are no client's", async () => {
    const server = known(await signedClient(cluster(), "s", { group: "system:masters", uses: ["server_auth"] }));
    expect(await answer(server, "GET", CONFIG_MAPS)).toBe(401);
    const ended = known(await signedClient(cluster(), "e", { group: "system:masters", now: () => new Date(0) }));
    expect(await answer(ended, "GET", CONFIG_MAPS)).toBe(401);
  });
}
