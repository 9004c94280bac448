// What haproxy.cfg may say. Whatever is not here may open, close, delay or choose something: it is not understood.

const TIME = String.raw`\d+(us|ms|s|m|h|d)?`;
const NAME = String.raw`[\w.-]+`;
const PATHS = String.raw`\{ path( \/\S*)+ \}`;

/** Where it runs and what it logs; `maxconn` is a limit of all connections, held by the connection budget. */
const GLOBAL: readonly RegExp[] = [
  /^log /,
  /^(chroot|user|group|pidfile) \S+$/,
  /^stats (socket|timeout) /,
  /^maxconn \d+$/,
  new RegExp(`^hard-stop-after ${TIME}$`),
  /^(ssl-default-server-ciphers|ssl-default-server-options|ca-base) /,
];

const SECTION: readonly RegExp[] = [
  /^mode (tcp|http)$/,
  /^(log global|no log)$/,
  /^option (tcplog|httplog|dontlognull|clitcpka|srvtcpka|redispatch( \d+)?)$/,
  /^option (httpchk|tcp-check|pgsql-check( user \S+)?|mysql-check( user \S+)?)$/,
  /^retries \d+$/,
  /^maxconn \d+$/,
  /^balance (leastconn|roundrobin|first|source)$/,
  new RegExp(`^timeout (connect|queue|client|server|client-fin|server-fin|check|tunnel|http-request) ${TIME}$`),
  /^bind (\*|[\d.]*):\d+$/,
  new RegExp(`^default_backend ${NAME}$`),
  new RegExp(String.raw`^use_backend ${NAME} if \{ nbsrv\(${NAME}\) ge \d+ \}$`),
  /^http-check send meth (GET|OPTIONS|HEAD) uri \S+$/,
  /^http-check expect status \d{3}(,\d{3})*$/,
  /^tcp-check (connect|send .+|expect (min-recv \d+ )?string .+)$/,
  new RegExp(
    String.raw`^http-request return status \d{3}( content-type \S+ string \S+)?( if ${PATHS}( \{ nbsrv\(${NAME}\) gt 0 \})?)?$`,
  ),
  /^http-request use-service prometheus-exporter if \{ path \/metrics \}$/,
];

/** Of `server` and `default-server`. `disabled` or `weight 0` would leave a server out that counts as one. */
const SERVER: readonly RegExp[] = [
  /^(check|check-ssl|observe layer4)$/,
  new RegExp(`^(inter|fastinter|downinter) ${TIME}$`),
  /^(fall|rise|port|weight) [1-9]\d*$/,
  /^on-marked-down shutdown-sessions$/,
  /^verify (none|required)$/,
  /^ca-file \S+$/,
  /^backup$/,
];

const isOneOf = (known: readonly RegExp[], line: string): boolean => known.some((one) => one.test(line));

/** Whether a line of `global`, or of another section, says nothing but what is read here. */
export function isHaproxyLine(place: "global" | "section", line: string): boolean {
  const [word = "", ...rest] = line.split(/\s+/);
  const plain = [word, ...rest].join(" ");
  if (place === "global") return isOneOf(GLOBAL, plain);
  if (word === "default-server") return areServerOptions(rest.join(" "));
  if (word === "server") return areServerOptions(rest.slice(2).join(" "));
  return isOneOf(SECTION, plain);
}

/** Options follow each other; some have a value. */
function areServerOptions(text: string): boolean {
  const words = text.split(/\s+/).filter((word) => word !== "");
  for (let place = 0; place < words.length;) {
    const [one = "", value] = words.slice(place, place + 2);
    if (isOneOf(SERVER, one)) place += 1;
    else if (value !== undefined && isOneOf(SERVER, `${one} ${value}`)) place += 2;
    else return false;
  }
  return true;
}
