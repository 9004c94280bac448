import { z } from "zod";

/** Facts: @pulumi/command 1.2.1, types/input.d.ts (names, defaults, units). */
const HOST = {
  host: z.string().min(1),
  user: z.string().min(1).default("root"),
  port: z.number().int().min(1).max(65535).default(22),
  password: z.string().optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  agentSocketPath: z.string().optional(),
  /** Attempts; -1 is without limit. */
  dialErrorLimit: z.number().int().min(-1).default(10),
  /** Seconds; 0 is without limit. */
  perDialTimeout: z.number().int().min(0).default(15),
  /** OpenSSH public key. Absent: not verified. */
  hostKey: z.string().optional(),
};
export const Connection = z.object({ ...HOST, proxy: z.object(HOST).optional() });
export type Connection = z.infer<typeof Connection>;
export type Endpoint = Omit<Connection, "proxy">;

const LOGGING = z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]);
export type Logging = z.infer<typeof LOGGING>;

const COMMON = {
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  triggers: z.array(z.unknown()).optional(),
  logging: LOGGING.optional(),
  addPreviousOutputInEnv: z.boolean().optional(),
};
const AcceptEnv =
  "needs AcceptEnv on the host, and its sshd's answer cannot be seen here; fix: pass values by stdin, or as VAR=value before the command";
export const RemoteInputs = z.strictObject({
  ...COMMON,
  connection: Connection,
  environment: z
    .record(z.string(), z.string())
    .refine((map) => Object.keys(map).length === 0, AcceptEnv)
    .optional(),
});
export type RemoteInputs = z.infer<typeof RemoteInputs>;

const PROCESS = {
  interpreter: z.array(z.string()).min(1).optional(),
  dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
};
export const LocalInputs = z.strictObject({ ...COMMON, ...PROCESS });
export type LocalInputs = z.infer<typeof LocalInputs>;

/** Arguments of the function command:local:run. */
export const RunInputs = z.strictObject({
  command: z.string(),
  stdin: COMMON.stdin,
  logging: COMMON.logging,
  addPreviousOutputInEnv: COMMON.addPreviousOutputInEnv,
  ...PROCESS,
});
