import type { UnitSpec } from "../machines/hostConfig";

export interface StateUnitsArgs {
  /** The units' name without its ending. */
  readonly name: string;
  /** Where it listens: on the member's own address, before that is up as well. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Answers on its standard output, once for each connection. */
  readonly command: string;
  /** Descriptions of the socket and of an answer. */
  readonly says: string;
  readonly answers: string;
}

/** Units by which a member answers one question of the others', whether its daemon runs or not. */
export function stateUnits({ name, address, port, user, command, says, answers }: StateUnitsArgs): readonly UnitSpec[] {
  return [
    {
      name: `${name}.socket`,
      content: `[Unit]\nDescription=${says}\n\n[Socket]\nListenStream=${address}:${port}\nFreeBind=true\nAccept=yes\nMaxConnections=64\n\n[Install]\nWantedBy=sockets.target\n`,
      enabled: true,
      state: "running",
    },
    {
      name: `${name}@.service`,
      content: `[Unit]\nDescription=${answers}\nCollectMode=inactive-or-failed\n\n[Service]\nUser=${user}\nExecStart=${command}\nStandardInput=socket\nStandardOutput=socket\nStandardError=journal\nTimeoutStartSec=5\n`,
      enabled: false,
      state: "onDemand",
    },
  ];
}
