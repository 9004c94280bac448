/** Series by package, "redis-server" -> "7.0", from dpkg's status file or what `apt-cache show` prints. */
export function installedSeries(status: string): ReadonlyMap<string, string> {
  return new Map(
    status.split("\n\n").flatMap((stanza): readonly (readonly [string, string])[] => {
      const [, name] = /^Package: (\S+)$/m.exec(stanza) ?? [];
      const [, series] = /^Version: (?:\d+:)?(\d+\.\d+)/m.exec(stanza) ?? [];
      return name === undefined || series === undefined ? [] : [[name, series]];
    }),
  );
}
