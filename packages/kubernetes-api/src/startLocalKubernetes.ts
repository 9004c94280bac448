import { randomUUID } from "node:crypto";
import type { Server } from "node:https";
import { apiServer, identity } from "./apiServer";
import { Authentication } from "./authentication";
import { Cluster } from "./cluster";
import { ControllerManager } from "./controllers/controllerManager";
import type { Fault } from "./controllers/context";
import { objectAt, textAt, type JsonObject } from "./wire/json";
import type { KubernetesNode, LocalKubernetes } from "./localKubernetes";
import { nodeManifest, nodeStatus } from "./nodeObject";
import { timestamp } from "./objectIdentity";
import { believed, keepBrought, kubeconfigOf, loadPki, type Pki } from "./pki";
import type { ExtraKind } from "./wire/resourceType";
import { seedObjects } from "./seed";
import { addressIn } from "./serviceAddresses";
import { Store } from "./store";

export interface LocalKubernetesOptions {
  /** SQLite file with the cluster's whole state, keys included; ":memory:" keeps nothing. */
  readonly stateFile: string;
  /** Default: the port of the last run if it is free, else a free one. A stated port in use is an error. */
  readonly port?: number;
  /** Default "127.0.0.1". */
  readonly host?: string;
  /** Further names or addresses under which the API's certificate is valid, e.g. "192.0.2.10". */
  readonly extraSans?: readonly string[];
  /** Nodes from the start. Default: those of the last run. */
  readonly nodes?: readonly KubernetesNode[];
  /** Default K3s' own, "10.42.0.0/16". */
  readonly podCidr?: string;
  /** Default K3s' own, "10.43.0.0/16". */
  readonly serviceCidr?: string;
  /** Kinds that are known before any CRD is. Default none. */
  readonly extraKinds?: readonly ExtraKind[];
  readonly faults?: readonly Fault[];
  /** How long the controllers wait after a write, in ms. Default 20. */
  readonly controllerDelayMs?: number;
  /** By whose clock certificates are valid or not. Default: the machine's. */
  readonly now?: () => Date;
}

export interface InProcessKubernetes extends LocalKubernetes {
  setFaults(faults: readonly Fault[]): void;
  /** Resolves when the controllers have nothing left to do. */
  settle(): Promise<void>;
}

/**
 * A Kubernetes API in this process: validated, with apply semantics and with honest simulated controllers.
 * @throws when the stated port is in use, or another process holds the state file.
 */
export async function startLocalKubernetes(options: LocalKubernetesOptions): Promise<InProcessKubernetes> {
  const store = new Store(options.stateFile);
  const parts: (() => void | Promise<void>)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const part of parts.splice(0).reverse()) await part();
  };
  try {
    return await assemble(options, store, parts, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  options: LocalKubernetesOptions,
  store: Store,
  parts: (() => void | Promise<void>)[],
  close: () => Promise<void>,
): Promise<InProcessKubernetes> {
  const host = options.host ?? "127.0.0.1";
  const serviceCidr = options.serviceCidr ?? "10.43.0.0/16";
  const cluster = new Cluster(store, { serviceCidr, extraKinds: options.extraKinds ?? [] });
  parts.push(() => cluster.close());
  const settings = {
    get: (name: string) => store.setting(name),
    set: (name: string, value: string) => store.setSetting(name, value),
  };
  const load = (): Promise<Pki> => loadPki(settings, [host, addressIn(serviceCidr, 1), ...(options.extraSans ?? [])]);
  let pki = await load();
  const manager = new ControllerManager(cluster, {
    podCidr: options.podCidr ?? "10.42.0.0/16",
    caCertificate: () => pki.cluster.server.certificate,
    delayMs: options.controllerDelayMs ?? 20,
    faults: options.faults ?? [],
  });
  parts.push(() => manager.close());
  for (const { ref, object } of seedObjects(serviceCidr)) if (store.get(ref) === undefined) cluster.stored(ref, object);
  const authentication = new Authentication(options.now ?? (() => new Date()));
  authentication.believe(believed(pki));
  const server = apiServer({ cluster, pki, authentication, pods: (namespace) => manager.pods(namespace) });
  parts.push(() => server.close());
  const port = await listen(server, host, options.port, Number(store.setting("port") ?? "0"));
  store.setSetting("port", String(port));
  if (options.nodes !== undefined) await setNodes(cluster, options.nodes);
  await manager.settle();
  const url = `https://${host}:${port}`;
  return {
    kubeconfig: kubeconfigOf(url, pki, "user"),
    url,
    get writtenKubeconfig() {
      return kubeconfigOf(url, pki, "machines");
    },
    get authorities() {
      return { serverCertificate: pki.cluster.server.certificate, client: pki.cluster.client };
    },
    adopt: async (brought) => {
      keepBrought(settings, brought);
      pki = await load();
      authentication.believe(believed(pki));
      (server.server as Server).setSecureContext(identity(pki, "cluster"));
    },
    setNodes: async (nodes) => {
      await setNodes(cluster, nodes);
      await manager.settle();
    },
    snapshot: async () => store.all().map(({ body }) => structuredClone(body)),
    setFaults: (faults) => manager.setFaults(faults),
    settle: () => manager.settle(),
    close,
  };
}

type Listener = ReturnType<typeof apiServer>;

async function listen(server: Listener, host: string, wanted: number | undefined, last: number): Promise<number> {
  const attempt = async (port: number): Promise<number> => {
    await server.listen({ host, port });
    const address = server.server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  };
  const inUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  try {
    return await attempt(wanted ?? last);
  } catch (error) {
    if (!inUse(error)) throw error;
    if (wanted !== undefined)
      throw new Error(
        `Kubernetes API: port ${wanted} on ${host} is in use. Free it, or choose another port (or none: then a free one is taken).`,
        { cause: error },
      );
    return attempt(0);
  }
}

function setNodes(cluster: Cluster, nodes: readonly KubernetesNode[]): Promise<void> {
  return cluster.exclusive(() => {
    const wanted = new Set(nodes.map((node) => node.name));
    const ref = (name: string) => ({ group: "", plural: "nodes", namespace: "", name });
    for (const node of cluster.store.list("", "nodes")) {
      const name = textAt(node, "metadata", "name") ?? "";
      if (!wanted.has(name)) cluster.finish(ref(name));
    }
    for (const node of nodes) {
      const live = cluster.store.get(ref(node.name));
      const manifest = nodeManifest(node);
      const creationTimestamp = textAt(live, "metadata", "creationTimestamp") ?? timestamp();
      const uid = textAt(live, "metadata", "uid") ?? randomUUID();
      const metadata: JsonObject = { ...objectAt(manifest, "metadata"), uid, creationTimestamp, generation: 1 };
      cluster.stored(ref(node.name), { ...manifest, metadata, status: nodeStatus(node) });
    }
  });
}
