import { run, type RunOptions } from "./run";

/** A machine's own, nothing of this process's. */
const ENVIRONMENT = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"];
const NAMESPACES = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"] as const;
const GREETING = 'exec 3<>/dev/tcp/127.0.0.1/22 && read -r -t 5 line <&3 && [ "${line#SSH-}" != "$line" ]';

/** Runs a command in a machine, as root. @param init its first process, as this machine numbers it. */
export function runInside(init: number, command: readonly string[], options: RunOptions): Promise<string> {
  return run("nsenter", ["-t", String(init), ...NAMESPACES, "--", "env", "-i", ...ENVIRONMENT, ...command], options);
}

/** Does a machine's sshd answer? Asked inside of it, where no firewall is between. */
export function sshAnswers(init: number): Promise<boolean> {
  return run("nsenter", ["-t", String(init), "--net", "--", "bash", "-c", GREETING]).then(
    () => true,
    () => false,
  );
}
