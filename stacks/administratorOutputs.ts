import * as pulumi from "@pulumi/pulumi";
import type { SecretResolver } from "../components/secrets/secretResolver";
import type { EstatePlan } from "./plan";

/** Login and password of someone who may do everything in an application, by the application's name. */
export type Administrators = Readonly<Record<string, { readonly user: string; readonly password: string }>>;

/**
 * The stack's output "administrators", secret: as the program made them. Who changes a password in the application
 * does not change it here.
 */
export function administratorOutputs(
  { apps, monitoring }: Pick<EstatePlan, "apps" | "monitoring">,
  secrets: SecretResolver,
): pulumi.Output<Administrators> {
  const plans = [...apps.map(({ app }) => app), ...(monitoring?.apps ?? [])];
  const made = plans.flatMap(({ name, administrator }) =>
    administrator === undefined
      ? []
      : [[name, { user: administrator.user, password: secrets.resolve(administrator.password) }] as const],
  );
  return pulumi.secret(pulumi.all(Object.fromEntries(made)));
}
