import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { HttpApp } from "../../../components/apps/httpApp";
import { planApp } from "../../../components/apps/planApp";
import { SecretLedger } from "../../../components/secrets/secretLedger";
import { app, deployment } from "../../components/apps/support/shop";

/** An application with shared files, whose size and number of pods can be changed. */
const config = new pulumi.Config();
const provider = new k8s.Provider("cluster", { kubeconfig: config.require("kubeconfig") });
const shop = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } }, { provider });
const volume = {
  name: "shop-files",
  path: "/files",
  sizeGb: config.requireNumber("sizeGb"),
};
const process = deployment({ scale: config.requireNumber("scale") });
new HttpApp(
  "shop",
  {
    plan: planApp(app(process, { volume }), new SecretLedger()),
    provider,
    secrets: { resolve: (text) => pulumi.secret(text) },
    protectVolume: false,
  },
  { dependsOn: shop },
);
