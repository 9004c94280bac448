import type { RuleGroup } from "../alertRule";

const DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs"';

/** Every machine, node or not. */
export function machineRules(): RuleGroup {
  return {
    name: "machines",
    rules: [
      {
        alert: "MachineDown",
        expr: 'up{job="node"} == 0',
        holds: "2m",
        severity: "critical",
        summary: "{{ $labels.machine }} does not answer",
        runbook:
          "Hetzner console: is it running, is there an incident in its location? By SSH through the bastion. Only node-exporter gone: `systemctl status prometheus-node-exporter`.",
      },
      {
        alert: "DiskAlmostFull",
        expr: `node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes < 0.1`,
        holds: "5m",
        severity: "critical",
        summary: "{{ $labels.mountpoint }} of {{ $labels.machine }} is 90 % full",
        runbook:
          "`du -xh --max-depth=2 / | sort -h | tail`. Journals: `journalctl --vacuum-size=500M`. PostgreSQL: a slot that nobody reads keeps the log, see pg_replication_slots. RabbitMQ stops publishers below 2 GB.",
      },
      {
        alert: "DiskFillsSoon",
        expr: `predict_linear(node_filesystem_avail_bytes{${DISKS}}[6h], 24 * 3600) < 0 and node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.4`,
        holds: "30m",
        severity: "warning",
        summary: "{{ $labels.mountpoint }} of {{ $labels.machine }} will be full within a day",
        runbook: "Find what grows before it is full; see DiskAlmostFull. A larger server type is a change of one word.",
      },
      {
        alert: "InodesAlmostGone",
        expr: `node_filesystem_files_free{${DISKS}} / node_filesystem_files < 0.05`,
        holds: "10m",
        severity: "warning",
        summary: "{{ $labels.mountpoint }} of {{ $labels.machine }} has few inodes left",
        runbook: "`du --inodes -x / | sort -n | tail` shows the directory of many small files.",
      },
      {
        alert: "MemoryShort",
        expr: "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.07",
        holds: "10m",
        severity: "warning",
        summary: "{{ $labels.machine }} has less than 7 % of its memory left",
        runbook:
          "There is no swap: the kernel will kill the largest process, which is the database. `ps aux --sort=-rss | head`.",
      },
      {
        alert: "OutOfMemoryKill",
        expr: "increase(node_vmstat_oom_kill[15m]) > 0",
        holds: "0m",
        severity: "warning",
        summary: "The kernel of {{ $labels.machine }} killed a process for lack of memory",
        runbook: "`journalctl -k | grep -i oom` names it.",
      },
      {
        alert: "ClockWrong",
        expr: "abs(node_timex_offset_seconds) > 0.1 or node_timex_sync_status == 0",
        holds: "10m",
        severity: "warning",
        summary: "The clock of {{ $labels.machine }} is off or not synchronised",
        runbook: "`timedatectl`, `chronyc sources`. Leases (Patroni, etcd) and certificates need right clocks.",
      },
      {
        alert: "UnitDown",
        expr: 'node_systemd_unit_state{state="active"} == 0',
        holds: "2m",
        severity: "critical",
        summary: "{{ $labels.name }} of {{ $labels.machine }} does not run",
        runbook:
          "`systemctl status` and `journalctl -u` of the unit. ufw.service: the machine is without its firewall; `up` puts it back on.",
      },
    ],
  };
}
