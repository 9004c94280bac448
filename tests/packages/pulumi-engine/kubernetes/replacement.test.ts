import { kubernetesProvider } from "@standin/pulumi-engine/providers/kubernetes";
import { UNKNOWN, type Properties, type Value } from "@standin/pulumi-engine/provider";
import { configMap, deployment, Harness, job, service, type Declaration } from "./support/harness";

describe("replacement", () => {
  const verdict = async (config: Properties, declared: Declaration, news: Properties) => {
    const provider = await kubernetesProvider({ kubeconfig: UNKNOWN, ...config });
    const harness = new Harness(provider);
    try {
      const old = { id: "x", inputs: declared.inputs, outputs: declared.inputs };
      const { changes, deleteBeforeReplace } = await provider.diff(harness.context(declared), old, news);
      return {
        changes: changes.map(({ path, replace }) => `${path}${replace ? " replaces" : ""}`),
        deleteBeforeReplace,
      };
    } finally {
      await provider.close();
    }
  };
  /** The inputs with another value at a path. */
  const withValue = (inputs: Properties, path: readonly (string | number)[], value: Value): Properties => {
    // Not structuredClone: it keeps what two places share.
    const copy = JSON.parse(JSON.stringify(inputs)) as Record<string | number, never>;
    let at: Record<string | number, unknown> = copy;
    for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string | number, unknown>;
    at[path.at(-1) ?? ""] = value;
    return copy;
  };

  test.each([
    [deployment("a", "b"), ["spec", "template", "spec", "containers", 0, "image"], false],
    [deployment("a", "b"), ["spec", "selector", "matchLabels", "app"], true],
    [deployment("a", "b"), ["metadata", "name"], true],
    [deployment("a", "b"), ["metadata", "labels", "a.b/c"], false],
    [deployment("a", "b"), ["metadata", "namespace"], true],
    [job("a", "b"), ["spec", "template", "spec", "containers", 0, "image"], true],
    [job("a", "b"), ["spec", "backoffLimit"], false],
    [service("a", "b"), ["spec", "clusterIP"], true],
    [service("a", "b"), ["spec", "clusterIPs"], false],
    [service("a", "b"), ["spec", "ports", 0, "port"], false],
    [configMap("a", "b", {}), ["data", "key"], true],
  ] as const)("rule %#", async (declared, path, replaces) => {
    const { changes } = await verdict({}, declared, withValue(declared.inputs, path, "changed"));
    expect(changes).toHaveLength(1);
    expect(changes[0]?.endsWith(" replaces")).toBe(replaces);
  });

  test("mutable ConfigMaps and Secrets are updated, immutable ones never", async () => {
    const map = configMap("a", "b", {});
    const changed = withValue(map.inputs, ["data", "key"], "changed");
    expect((await verdict({ enableConfigMapMutable: "true" }, map, changed)).changes).toEqual(["data.key"]);
    const frozen = { ...map, inputs: { ...map.inputs, immutable: true } };
    const thawed = { ...changed, immutable: true };
    expect((await verdict({ enableConfigMapMutable: true }, frozen, thawed)).changes).toEqual(["data.key replaces"]);
    const secret = { ...map, type: "kubernetes:core/v1:Secret", inputs: { ...map.inputs, stringData: { a: "b" } } };
    const other = { ...secret.inputs, stringData: { a: "c" }, type: "Opaque" };
    expect((await verdict({}, secret, other)).changes).toEqual(["stringData.a replaces", "type replaces"]);
    expect((await verdict({ enableSecretMutable: true }, secret, other)).changes).toEqual([
      "stringData.a",
      "type replaces",
    ]);
  });

  test("a named object goes before its replacement comes; an auto-named or moved one after", async () => {
    const map = configMap("a", "b", {});
    const changed = withValue(map.inputs, ["data", "key"], "changed");
    expect((await verdict({}, map, changed)).deleteBeforeReplace).toBe(true);
    const renamed = withValue(map.inputs, ["metadata", "name"], "c");
    expect((await verdict({}, map, renamed)).deleteBeforeReplace).toBe(false);
    const automatic = withValue(changed, ["metadata", "annotations"], { "pulumi.com/autonamed": "true" });
    expect((await verdict({}, map, automatic)).deleteBeforeReplace).toBe(false);
  });
});
