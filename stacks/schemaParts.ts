import { z } from "zod";

// Shapes that environments and their workloads have in common.

export const port = z.int().min(1).max(65535);
export const count = z.int().min(1).max(1000);
export const hostname = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: "must be a host name: lower-case letters, digits and hyphens, 63 at most",
});
export const domain = z.string().regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, {
  error: 'must be a domain name such as "support.keybuzz.io"',
});
export const image = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._/:-]*(:(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})$/, {
    error: 'must be an image with a tag other than "latest", or with a digest: "nginx:1.29.3-alpine"',
  });
export const workload = { image, replicas: count, host: domain.exactOptional() };
