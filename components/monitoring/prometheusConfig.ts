import { stringify } from "yaml";
import type { ScrapeJob } from "./scrapeJob";

/** Seconds between two readings of every target, and between two looks at the rules. */
export const SCRAPE_INTERVAL_SECONDS = 30;
export const RULES_DIRECTORY = "/etc/prometheus/rules";

export interface PrometheusConfigArgs {
  /** Name of the stack: a label on every alert. */
  readonly estate: string;
  readonly jobs: readonly ScrapeJob[];
  /** Host and port. */
  readonly alertmanager: string;
}

/** prometheus.yml: no discovery, every target is one that the plan knows and opened a way to. */
export function prometheusConfig({ estate, jobs, alertmanager }: PrometheusConfigArgs): string {
  const config = {
    global: {
      scrape_interval: `${SCRAPE_INTERVAL_SECONDS}s`,
      scrape_timeout: "10s",
      evaluation_interval: `${SCRAPE_INTERVAL_SECONDS}s`,
      external_labels: { estate },
    },
    rule_files: [`${RULES_DIRECTORY}/*.yml`],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [...jobs].sort((a, b) => (a.job < b.job ? -1 : 1)).map(scrapeConfig),
  };
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
}

function scrapeConfig({ job, targets, path, access, probe, keep }: ScrapeJob): Readonly<Record<string, unknown>> {
  return {
    job_name: job,
    ...(probe === undefined
      ? path === undefined
        ? {}
        : { metrics_path: path }
      : { metrics_path: "/probe", params: { module: [probe.module] } }),
    ...(access === undefined
      ? {}
      : {
          ...(access.caFile === undefined ? {} : { scheme: "https", tls_config: { ca_file: access.caFile } }),
          ...(access.tokenFile === undefined
            ? {}
            : { authorization: { type: "Bearer", credentials_file: access.tokenFile } }),
        }),
    static_configs: targets.map(({ address, labels }) => ({
      targets: [address],
      ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    })),
    ...(probe === undefined ? {} : { relabel_configs: throughProbe(probe.through) }),
    ...(keep === undefined
      ? {}
      : { metric_relabel_configs: [{ source_labels: ["__name__"], regex: keep, action: "keep" }] }),
  };
}

/** The target becomes a parameter, the exporter the address. `public_host` is the Host header and the TLS name. */
function throughProbe(exporter: string): readonly unknown[] {
  return [
    { source_labels: ["__address__"], target_label: "__param_target" },
    { source_labels: ["public_host"], regex: "(.+)", target_label: "__param_hostname" },
    { source_labels: ["__address__"], target_label: "instance" },
    { target_label: "__address__", replacement: exporter },
  ];
}
