import { stringify } from "yaml";

/** Where the webhook's address is in Alertmanager's pod: a file in a mounted Secret. */
export const ALERT_SECRETS = "/etc/alertmanager/secrets";
export const ALERT_URL = "url";

/** chat: a Slack-compatible incoming webhook (Slack, Mattermost, Rocket.Chat); none: alerts are only shown. */
export type AlertReceiver = "chat" | "none";

/**
 * alertmanager.yml. One message for one cause: alerts of one name come together, and a machine that is down
 * silences what is only its consequence. The webhook's address is a secret, read from a file.
 */
export function alertmanagerConfig(receiver: AlertReceiver): string {
  return stringify(
    {
      route: {
        receiver,
        group_by: ["alertname"],
        group_wait: "30s",
        group_interval: "5m",
        repeat_interval: "12h",
        routes: [{ matchers: ['severity="critical"'], receiver, group_wait: "10s", repeat_interval: "2h" }],
      },
      inhibit_rules: [
        {
          source_matchers: ['alertname="MachineDown"'],
          target_matchers: ['alertname=~"TargetDown|PostgresDown|HaproxyDown|NodeNotReady"'],
          equal: ["machine"],
        },
        {
          source_matchers: ['alertname="DiskAlmostFull"'],
          target_matchers: ['alertname="DiskFillsSoon"'],
          equal: ["machine", "mountpoint"],
        },
      ],
      receivers: [receiver === "none" ? { name: receiver } : { name: receiver, slack_configs: [CHAT] }],
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

const CHAT = {
  api_url_file: `${ALERT_SECRETS}/${ALERT_URL}`,
  send_resolved: true,
  title:
    "{{ .Status | toUpper }} {{ .CommonLabels.severity }}: {{ .GroupLabels.alertname }} ({{ .CommonLabels.estate }})",
  text: "{{ range .Alerts }}- {{ .Annotations.summary }}\n  {{ .Annotations.runbook }}\n{{ end }}",
} as const;
