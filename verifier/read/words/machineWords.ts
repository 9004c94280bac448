// What of the machine itself decides who comes in: its filter's settings, sshd, and translation of addresses.
import { any, type Words } from "./wordsOf";

/** /etc/default/ufw. Its policies are read; built-in chains and modules would be other filters beside it. */
export const UFW_DEFAULTS: Words = {
  ...any("DEFAULT_INPUT_POLICY DEFAULT_OUTPUT_POLICY DEFAULT_FORWARD_POLICY"),
  IPV6: /^yes$/,
  DEFAULT_APPLICATION_POLICY: /^SKIP$/,
  MANAGE_BUILTINS: /^no$/,
  IPT_SYSCTL: /^$/,
  IPT_MODULES: /^$/,
};

export const UFW_SETTINGS: Words = any("ENABLED LOGLEVEL");

/** sshd_config: whoever comes in by a key of the estate, as no one else, and no further than operators must. */
export const SSHD: Words = {
  ...any(
    `AllowUsers MaxAuthTries MaxStartups MaxSessions LoginGraceTime ClientAliveInterval ClientAliveCountMax UseDNS`,
  ),
  PermitRootLogin: /^no$/,
  PasswordAuthentication: /^no$/,
  KbdInteractiveAuthentication: /^no$/,
  AuthenticationMethods: /^publickey$/,
  AuthorizedKeysFile: /^\/etc\/ssh\/authorized_keys\.d\/%u$/,
  AllowTcpForwarding: /^(no|local)$/,
  PermitOpen: /^\*:22$/,
  AllowAgentForwarding: /^no$/,
  AllowStreamLocalForwarding: /^no$/,
  PermitTunnel: /^no$/,
  X11Forwarding: /^no$/,
};

/** K3s' config.yaml (docs.k3s.io, server and agent). */
export const K3S: Words = {
  ...any(`node-name node-ip token-file node-label[] node-taint[] cluster-cidr service-cidr cluster-dns
    agent-token-file advertise-address tls-san[] server etcd-snapshot-schedule-cron etcd-snapshot-retention
    cluster-init etcd-s3-endpoint etcd-s3-bucket etcd-s3-folder etcd-s3-region etcd-s3-insecure etcd-s3-access-key
    etcd-s3-secret-key`),
  "etcd-s3": /^true$/,
  "protect-kernel-defaults": /^true$/,
  "kubelet-arg[]": /^config=\/etc\/rancher\/k3s\/kubelet\.yaml$/,
  // Calico is the network, and its policies the only ones.
  "flannel-backend": /^none$/,
  "disable-network-policy": /^true$/,
  "disable[]": /^(traefik|servicelb|local-storage|metrics-server|etcd|apiserver)$/,
  "egress-selector-mode": /^agent$/,
  "secrets-encryption": /^true$/,
  "write-kubeconfig-mode": /^0?600$/,
  "kube-apiserver-arg[]": /^(audit-[a-z-]+|default-(not-ready|unreachable)-toleration-seconds)=/,
};
