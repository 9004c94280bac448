import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { GATEWAY_API_VERSION } from "../../../components/cluster/ingress/gatewayObjects";
import { pause, type KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";

const MODULE = `sigs.k8s.io/gateway-api@${GATEWAY_API_VERSION}`;
/** Of the module (go.sum): what the proxy serves is this, or it is refused. */
const SUM = "h1:ZwlNM6zOHq0h3WUX2gfByPs2yAEsy/EenYJB78jpQfQ=";

/** The standard channel's CRDs, from the Go module that they are published in. */
export function gatewayCrds(): readonly JsonObject[] {
  const elsewhere = mkdtempSync(join(tmpdir(), "keybuzz-gateway-api-"));
  try {
    const told = execFileSync("go", ["mod", "download", "-json", MODULE], {
      cwd: elsewhere,
      encoding: "utf8",
      env: { ...process.env, GOWORK: "off", GOFLAGS: "" },
    });
    const { Dir, Sum } = JSON.parse(told) as { readonly Dir: string; readonly Sum: string };
    if (Sum !== SUM) throw new Error(`${MODULE} is ${Sum}, not ${SUM}`);
    const folder = join(Dir, "config", "crd", "standard");
    return readdirSync(folder)
      .map((file) => parse(readFileSync(join(folder, file), "utf8")) as JsonObject)
      .filter(({ kind }) => kind === "CustomResourceDefinition");
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
}

/** Puts the CRDs in the place of what a rehearsal has for them, and waits until the server serves HTTPRoutes. */
export async function installGatewayApi(client: KubeClient): Promise<void> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const routes = "/apis/gateway.networking.k8s.io/v1/httproutes";
  const answers = (asked: string): Promise<boolean> =>
    client.request({ method: "GET", path: asked }).then(
      () => true,
      () => false,
    );
  const crds = gatewayCrds();
  for (const crd of crds) {
    const own = `${path}/${textAt(crd, "metadata", "name")}`;
    if (await answers(own)) await client.request({ method: "DELETE", path: own });
    await until(async () => !(await answers(own)), "the rehearsal's own kinds are gone");
  }
  await until(async () => !(await answers(routes)), "nobody serves HTTPRoutes any more");
  for (const body of crds) await client.request({ method: "POST", path, body });
  await until(() => answers(routes), "the Gateway API's kinds are served");
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (await holds()) return;
    await pause(200);
  }
  throw new Error(`not within 30 s: ${what}`);
}
