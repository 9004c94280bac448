// What `npm run pins` asks, of a registry and a release page on this machine.
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pinnedImage, pinnedSum } from "../../components/pins";
import { k3sBinary } from "../../components/cluster/k3s/k3sRelease";
import { manifestScript } from "../../components/cluster/pods/calicoConfig";
import { movedPins, PinsError, readPins, unpinned, wantedPins, type Door } from "../../tools/readPins";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const BINARY = "a".repeat(64);
const TOKEN = "for anybody";

let server: Server;
let asked: string[];
/** Path -> other status, or another text. */
let changed: Record<string, number | string>;

beforeEach(async () => {
  asked = [];
  changed = {};
  server = createServer((request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    const change = changed[url];
    if (typeof change === "number") return void response.writeHead(change).end();
    if (url.startsWith("/auth.docker.io/token")) return void response.end(JSON.stringify({ token: TOKEN }));
    if (url.endsWith("sha256sum-amd64.txt"))
      return void response.end(change ?? `${"b".repeat(64)}  k3s-images.txt\n${BINARY}  k3s\n`);
    if (!url.includes("/v2/")) return void response.end(change ?? `file ${url}`);
    if (url.startsWith("/registry-1.docker.io/") && request.headers.authorization !== `Bearer ${TOKEN}`) {
      const scope = `repository:${url.split("/").slice(3, -2).join("/")}:pull`;
      response.setHeader(
        "www-authenticate",
        `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="${scope}"`,
      );
      return void response.writeHead(401).end();
    }
    const list = request.headers.accept?.startsWith("application/vnd.oci.image.index.v1+json") === true;
    const text = change ?? `${list ? "list" : "one"} ${url}`;
    response.setHeader("docker-content-digest", `sha256:${sha256(`${list ? "list" : "one"} ${url}`)}`);
    response.end(text);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Whoever is asked is on this machine. */
const door: Door = (url, init) => {
  const { host, pathname, search } = new URL(url);
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${host}${pathname}${search}`, init);
};

const listOf = (place: string): string => `sha256:${sha256(`list /${place}`)}`;

test("everything that is fetched by name gets a pin: K3s by its release's list, manifests whole, images for all architectures", async () => {
  const wanted = wantedPins();
  const pins = await readPins(wanted, door);
  expect(unpinned(wanted, pins)).toEqual([]);
  const [k3s] = wanted.listed;
  expect(pins.files[k3s?.url ?? ""]).toBe(BINARY);
  const operator = wanted.files.find((url) => url.endsWith("tigera-operator.yaml")) ?? "";
  expect(pins.files[operator]).toBe(sha256(`file /raw.githubusercontent.com${new URL(operator).pathname}`));
  const nginx = Object.keys(pins.images).find((name) => name.startsWith("nginx:")) ?? "";
  expect(pins.images[nginx]).toBe(listOf(`registry-1.docker.io/v2/library/nginx/manifests/${nginx.slice(6)}`));
  const prometheus = Object.keys(pins.images).find((name) => name.startsWith("quay.io/prometheus/prometheus:")) ?? "";
  expect(pins.images[prometheus]).toBe(
    listOf(`quay.io/v2/prometheus/prometheus/manifests/${prometheus.split(":")[1]}`),
  );
  expect(asked).toContain("/auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fnginx%3Apull");
  expect(Object.keys(pins.images)).toHaveLength(wanted.images.length);
});

test("a pin is what machines and nodes are given", () => {
  const url = "https://github.com/k3s-io/k3s/releases/download/v1.35.9%2Bk3s1/k3s";
  const pins = { files: { [url]: BINARY }, images: { "nginx:1.30": `sha256:${BINARY}` } };
  expect(pinnedImage("nginx:1.30", pins)).toBe(`nginx:1.30@sha256:${BINARY}`);
  expect(pinnedImage("nginx:1.31", pins)).toBe("nginx:1.31");
  const release = { version: "v1.35.9+k3s1", ...pinnedSum(url, pins) };
  expect(
    k3sBinary("k3s-01", release)
      .steps.map(({ run }) => run.join("\n"))
      .join("\n"),
  ).toContain(`sum='${BINARY}'`);
  expect(manifestScript([{ url, ...pinnedSum(url, pins), establishes: [] }])).toContain(`sums=('${BINARY}')`);
});

test("whoever cannot be asked is named, all of them, and nothing is known", async () => {
  const wanted = wantedPins();
  const [operator = ""] = wanted.files;
  changed[`/${operator.replace("https://", "")}`] = 404;
  const nowhere: Door = (url, init) =>
    url.includes("quay.io") ? Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("no way"), { code: "ENOTFOUND" }) })) : door(url, init); // prettier-ignore
  const failing = readPins(wanted, nowhere);
  await expect(failing).rejects.toThrow(PinsError);
  await expect(failing).rejects.toThrow(
    /^nothing is written, for not everybody could be asked:\n(?:.+\n)*https:.+: answered 404\n(?:.+\n)*quay\.io\/prometheus\/prometheus:\S+: fetch failed \(ENOTFOUND\)$/,
  );
});

test("without a network that is said in one sentence", async () => {
  const nowhere: Door = () => Promise.reject(new TypeError("fetch failed"));
  await expect(readPins(wantedPins(), nowhere)).rejects.toThrow(
    /^nothing is written: no release and no registry can be reached from here \(fetch failed\)$/,
  );
});

test("a registry that says one digest and gives another is not believed", async () => {
  const wanted = { files: [], listed: [], images: ["quay.io/a/b:1"] };
  changed["/quay.io/v2/a/b/manifests/1"] = "something else";
  await expect(readPins(wanted, door)).rejects.toThrow(
    /quay\.io\/a\/b:1: says sha256:\w{64} of what is sha256:\w{64}$/,
  );
});

test("a list without the file is not one", async () => {
  const [k3s] = wantedPins().listed;
  changed[`/${k3s?.list.replace("https://", "") ?? ""}`] = `${BINARY}  k3s-arm64\n`;
  await expect(readPins({ files: [], listed: wantedPins().listed, images: [] }, door)).rejects.toThrow(
    /k3s: https:.+sha256sum-amd64\.txt has no line for k3s$/,
  );
});

test("a name that stands for something else than it was pinned to is refused", () => {
  const before = { files: { "https://x/k3s": "a" }, images: { "a:1": "sha256:1", "b:1": "sha256:1" } };
  const now = { files: { "https://x/k3s": "a" }, images: { "a:1": "sha256:2" } };
  expect(movedPins(before, now)).toEqual([
    "a:1: found sha256:2; allowed: sha256:1, as it was pinned; ask its makers why it changed, and only then take it out of components/pins.json",
  ]);
});
