import { connect } from "node:net";
import type { Mistake } from "../components/mistakes";

const PATIENCE_MS = 5_000;

/**
 * pulumi-command dials the agent of SSH_AUTH_SOCK for each command, although each has its key, and fails at once
 * where nobody answers (provider/pkg/provider/remote/connection.go, SSHConfig; no argument keeps it from that). A
 * terminal that outlived its login has such a socket: told here, it is one line instead of one for each machine.
 */
export async function sshAgentMistakes(socket: string | undefined): Promise<readonly Mistake[]> {
  if (socket === undefined || socket === "") return [];
  const why = await unanswered(socket);
  if (why === undefined) return [];
  return [
    {
      path: "SSH_AUTH_SOCK",
      found: `${socket}, where no agent answers (${why})`,
      allowed: "the socket of a running SSH agent, or nothing: the program has a key of its own",
      fix: "unset SSH_AUTH_SOCK",
    },
  ];
}

/** The reason, where nobody takes the connection. */
function unanswered(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const end = (why: string | undefined): void => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(PATIENCE_MS, () => end("no answer in time"));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
