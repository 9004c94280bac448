import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { KubeClient, pause } from "../wire/kubeClient";
import { parseKubeconfig } from "../wire/connection";
import { freePort, isFree } from "../freePort";
import { listAt, textAt, type JsonObject } from "../wire/json";
import type { KubernetesNode, LocalKubernetes } from "../localKubernetes";
import { keepBrought, kubeconfigOf, loadPki, type Pki } from "../pki";
import type { ExtraKind } from "../wire/resourceType";
import { seedObjects } from "../seed";
import { addressIn } from "../serviceAddresses";
import { Store } from "../store";
import { ApiClient } from "./apiClient";
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
  type Ports,
} from "./arguments";
import { realKubernetesAvailable } from "./available";
import { loadBinaries, realKubernetesBuilt } from "./binaries";
import { Daemons } from "./daemons";
import { permissiveCrd } from "./permissiveCrd";
import { writeFiles } from "./files";
import { setRealNodes } from "./nodes";
import { Players } from "./players";

export interface RealKubernetesOptions {
  /** Where the binaries are kept between runs (360 MB). */
  readonly cacheDir: string;
  /** The cluster's state: etcd, certificates, logs. */
  readonly stateDir: string;
  /** Default: the port of the last run if it is free, else a free one. */
  readonly port?: number;
  /** Default "127.0.0.1". */
  readonly host?: string;
  readonly extraSans?: readonly string[];
  readonly nodes?: readonly KubernetesNode[];
  /** Default K3s' own, "10.42.0.0/16". */
  readonly podCidr?: string;
  /** Default K3s' own, "10.43.0.0/16". */
  readonly serviceCidr?: string;
  /** Kinds whose CRDs the machines would bring along; made without a schema. Default none. */
  readonly extraKinds?: readonly ExtraKind[];
  readonly log?: (line: string) => void;
}

const daemonNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"];
const startTimeoutMs = 120_000;

/**
 * A real kube-apiserver with controllers, scheduler and etcd on this machine; kwok plays the nodes and their pods.
 * @throws when the machine cannot (see realKubernetesAvailable), the port is in use, or a part does not start:
 * then with that part's last words, and nothing keeps running.
 */
export async function startRealKubernetes(options: RealKubernetesOptions): Promise<LocalKubernetes> {
  const log = options.log ?? (() => undefined);
  if (!realKubernetesBuilt(options.cacheDir)) {
    const available = realKubernetesAvailable();
    if (!available.ok) throw new Error(available.why);
  }
  const binaries = await loadBinaries(options.cacheDir, log);
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const daemons = new Daemons(options.stateDir, log);
  daemons.sweep(daemonNames);

  const host = options.host ?? "127.0.0.1";
  const serviceCidr = options.serviceCidr ?? "10.43.0.0/16";
  const podCidr = options.podCidr ?? "10.42.0.0/16";
  const settings = new Store(join(options.stateDir, "settings.db"));
  let players: Players | undefined;
  let client: KubeClient | undefined;
  const stop = async (): Promise<void> => {
    await players?.stop();
    client?.close();
    await daemons.stop();
    settings.close();
  };
  try {
    const ports = await choosePorts(options.port, host, settings);
    const url = `https://${host}:${ports.api}`;
    const keep = {
      get: (name: string) => settings.setting(name),
      set: (name: string, value: string) => settings.setSetting(name, value),
    };
    const load = (): Promise<Pki> => loadPki(keep, [host, addressIn(serviceCidr, 1), ...(options.extraSans ?? [])]);
    let pki = await load();
    const kubeconfig = kubeconfigOf(url, pki, "user");
    const files = writeFiles(options.stateDir, pki, kubeconfig);
    client = new KubeClient(parseKubeconfig(kubeconfig));
    const api = new ApiClient(client);

    daemons.start("etcd", binaries.etcd, etcdArguments(files, ports));
    daemons.start("kube-apiserver", binaries.apiServer, apiServerArguments(files, ports, host, serviceCidr));
    await untilServing(client, daemons);
    daemons.start(
      "kube-controller-manager",
      binaries.controllerManager,
      controllerManagerArguments(files, serviceCidr, podCidr),
    );
    daemons.start("kube-scheduler", binaries.scheduler, schedulerArguments(files));
    daemons.start("kwok", binaries.kwok, kwokArguments(files, podCidr));
    for (const { ref, object } of seedObjects(serviceCidr))
      if (ref.plural === "storageclasses") await api.ensure("/apis/storage.k8s.io/v1/storageclasses", fresh(object));
    for (const kind of options.extraKinds ?? [])
      await api.ensure("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", permissiveCrd(kind));
    if (options.nodes !== undefined) await setRealNodes(api, options.nodes);
    players = new Players(api, log);
    players.start();
    let stopped: Promise<void> | undefined;
    let nodesSet: Promise<void> = Promise.resolve();
    return {
      kubeconfig,
      url,
      get writtenKubeconfig() {
        return kubeconfigOf(url, pki, "machines");
      },
      get authorities() {
        return { serverCertificate: pki.cluster.server.certificate, client: pki.cluster.client };
      },
      adopt: async (brought) => {
        keepBrought(keep, brought);
        pki = await load();
        writeFiles(options.stateDir, pki, kubeconfig);
        await untilServedBy(ports.api, host, pki.cluster.server.certificate);
      },
      // One after the other: machines come and go at the same time, and each call says what all nodes are.
      setNodes: (nodes) => {
        const turn = nodesSet.then(() => setRealNodes(api, nodes));
        nodesSet = turn.catch(() => undefined);
        return turn;
      },
      snapshot: () => snapshot(api),
      close: () => (stopped ??= stop()),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function choosePorts(wanted: number | undefined, host: string, settings: Store): Promise<Ports> {
  const last = Number(settings.setting("port") ?? "0");
  if (wanted !== undefined && !(await isFree(wanted, host)))
    throw new Error(
      `Kubernetes API: port ${wanted} on ${host} is in use. Free it, or choose another port (or none: then a free one is taken).`,
    );
  const api = wanted ?? (last > 0 && (await isFree(last, host)) ? last : await freePort(host));
  settings.setSetting("port", String(api));
  return { api, etcdClient: await freePort("127.0.0.1"), etcdPeer: await freePort("127.0.0.1") };
}

async function untilServing(client: KubeClient, daemons: Daemons): Promise<void> {
  const end = Date.now() + startTimeoutMs;
  for (;;) {
    const dead = daemons.dead()[0];
    if (dead !== undefined) throw new Error(`${dead} did not start:\n${daemons.lastWords(dead)}`);
    const isUp = await client.request({ method: "GET", path: "/readyz" }).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (Date.now() > end)
      throw new Error(
        `kube-apiserver is not ready after ${startTimeoutMs / 1000} s:\n${daemons.lastWords("kube-apiserver")}`,
      );
    await pause(150);
  }
}

/** Its files are watched; once a minute it looks by itself. */
const ADOPTED_MS = 90_000;

async function untilServedBy(port: number, host: string, authority: string): Promise<void> {
  const end = Date.now() + ADOPTED_MS;
  const served = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ host, port, ca: authority });
      const done = (answer: boolean): void => {
        resolve(answer);
        socket.destroy();
      };
      socket.once("secureConnect", () => done(true)).once("error", () => done(false));
    });
  while (!(await served())) {
    if (Date.now() > end) throw new Error("kube-apiserver does not serve with the certificate that was brought");
    await pause(200);
  }
}

/** Without what the server gives. */
function fresh(object: JsonObject): JsonObject {
  const annotations =
    typeof object.metadata === "object" && object.metadata !== null && !Array.isArray(object.metadata)
      ? object.metadata.annotations
      : undefined;
  return {
    ...object,
    metadata: { name: textAt(object, "metadata", "name") ?? "", ...(annotations === undefined ? {} : { annotations }) },
  };
}

async function snapshot(api: ApiClient): Promise<JsonObject[]> {
  const groups = listAt(await api.client.request({ method: "GET", path: "/apis" }), "groups");
  const roots = [
    "/api/v1",
    ...groups.map((group) => `/apis/${textAt(group, "preferredVersion", "groupVersion") ?? ""}`),
  ];
  const objects: JsonObject[] = [];
  for (const root of roots)
    for (const resource of listAt(await api.client.request({ method: "GET", path: root }), "resources")) {
      const plural = textAt(resource, "name") ?? "";
      const isListable = listAt(resource, "verbs").includes("list") && !plural.includes("/");
      if (isListable) objects.push(...(await api.list(`${root}/${plural}`)));
    }
  return objects;
}
