import { join } from "node:path";
import type { HostConfigPart } from "../../machines/hostConfig";
import { OS_IMAGES } from "../../machines/osImage";
import { shellScript } from "../../machines/shellScript";
import { rabbitmqRepositories, type ServiceImage } from "../serviceImage";

/** What RabbitMQ's package wants of Erlang (rabbitmq.com, Installing on Debian and Ubuntu). */
const ERLANG = [
  ...["base", "asn1", "crypto", "eldap", "ftp", "inets", "mnesia", "os-mon", "parsetools", "public-key"],
  ...["runtime-tools", "snmp", "ssl", "syntax-tools", "tftp", "tools", "xmerl"],
].map((part) => `erlang-${part}`);
/** Series of Erlang that the makers' RabbitMQ 3.13 runs on (rabbitmq.com, Erlang Version Requirements: 26.0 to 26.2). */
const ERLANG_SERIES = "26.2";
/** A cluster takes over what the series before it has left, and no older one (rabbitmq.com, Upgrading). */
const TAKES_OVER = { "3.13": "3.12" } as const;

/** RabbitMQ and Erlang: the distribution's, or the makers' where the distribution's knows no default queue type. */
export function rabbitPackages(image: ServiceImage): HostConfigPart {
  const { series, from } = OS_IMAGES[image].rabbitmq;
  if (from === "distribution" || series !== "3.13") return { packages: [{ name: "rabbitmq-server" }] };
  return {
    aptRepositories: rabbitmqRepositories(image),
    packages: [
      { name: "rabbitmq-server", version: `${series}.*` },
      ...ERLANG.map((name) => ({ name, version: `1:${ERLANG_SERIES}.*` })),
    ],
    steps: [
      {
        id: "rabbitmq-series",
        stage: "beforePackages",
        when: { kind: "unless", command: rabbitSeriesScript(series) },
        run: [rabbitSeriesScript(series)],
      },
    ],
  };
}

/** Bash: fails, and says what to do, where an older RabbitMQ is installed than that series can take over. */
export function rabbitSeriesScript(series: keyof typeof TAKES_OVER): string {
  return shellScript(join(__dirname, "rabbitSeries.sh"), { series, oldest: TAKES_OVER[series] });
}
