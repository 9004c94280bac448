/** Of the network that an environment has at Hetzner. */
export const networkName = (environment: string): string => `keybuzz-${environment}`;

/** Labels of everything that an environment has at Hetzner. */
export const estateLabels = (environment: string) =>
  ({ project: "keybuzz", stack: environment, "managed-by": "pulumi" }) as const;
