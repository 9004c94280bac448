import type * as pulumi from "@pulumi/pulumi";

/** Puts values in the place of placeholders; SecretStore is one. Secret if the text holds any. */
export interface SecretResolver {
  resolve(text: string): pulumi.Output<string>;
}
