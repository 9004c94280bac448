import type * as pulumi from "@pulumi/pulumi";
import type { Party } from "../topology/party";
import type { Address, Endpoint } from "../topology/topology";

/** What puts values in the place of placeholders (components/secrets/secretStore.ts). */
export interface SecretResolver {
  resolve(text: string): pulumi.Output<string>;
}
void (undefined as unknown as Party | Address | Endpoint);
