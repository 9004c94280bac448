/**
 * What must be said of each change, by its name: of the sentence, and of rows as "kind subject: what (by)". What else
 * the program comes to say is its own affair.
 */
export const STATEMENTS: Readonly<Record<string, { readonly sentence: RegExp; readonly rows?: readonly RegExp[] }>> = {
  nothing: { sentence: /^Nothing changes\.$/ },
  "add-worker": {
    sentence: /k3s-worker-06 is new, with ways of its own; nobody else's way changes; .*\+69\.49 EUR a month/,
    rows: [/^created server k3s-worker-06: cpx42 in fsn1/, /^reloads ufw\.service on .* and \d+ more: reloads/],
  },
  timeout: {
    sentence:
      /support\.keybuzz\.io\/: first byte after 60 s -> 90 s, .*no interruption is foreseen, but for open WebSockets and streams, which connect anew; \+0\.00 EUR/,
    rows: [/^route support\.keybuzz\.io\/: .*\(.*90 s of silence/],
  },
  "new-application": {
    sentence: /shop\/shop is new, with ways of its own; nobody else's way changes/,
    rows: [
      /^created Deployment shop\/shop: 3 pods of nginx/,
      /^opened shop\/shop: may now reach postgres\/leader \(lb-data:5432\)/,
      /^route shop\.keybuzz\.io\/: new: /,
    ],
  },
  "need-opened": {
    sentence: /keybuzz\/keybuzz-front may now reach redis\/primary \(lb-data:6379\); nobody else's way changes/,
    rows: [/^opened keybuzz\/keybuzz-front: .* \(NetworkPolicies of keybuzz\/keybuzz-front/],
  },
  "need-dropped": {
    sentence: /keybuzz\/keybuzz-api may no longer reach qdrant\/http \(vector-01:6333\)/,
    rows: [/^closed keybuzz\/keybuzz-api: .*NetworkPolicies of keybuzz\/keybuzz-api/],
  },
  "internet-opened": { sentence: /keybuzz\/keybuzz-api may now reach internet\/smtp-submission \(the internet:587\)/ },
  "larger-database": {
    sentence:
      /powered off: server db-master-01, db-slave-01 and db-slave-02; restarts in turn: patroni\.service .*; \+157\.50 EUR a month/,
    rows: [/^poweredOff server db-master-01, .*ccx23 -> ccx33, started again; the disk grows along/],
  },
  "renamed-host": {
    sentence:
      /server redis-04: wants 10\.0\.0\.125, which server redis-03 has .*server redis-03: protected, and to be deleted: an up refuses that until consentToDelete names it/,
    rows: [/^closed redis-03: may no longer reach redis\/member/, /^created server redis-04: /],
  },
  "rotated-secret": {
    sentence: /postgres\/chatwoot gets a new value/,
    rows: [/^rollsOut chatwoot\/chatwoot-web and chatwoot\/chatwoot-worker: .*new ones are ready before old ones go/],
  },
  "removed-service": {
    sentence: /superset\/superset-web, .* are gone, with their ways; .*bi\.keybuzz\.io\/ is no longer served/,
    rows: [/^deleted Namespace superset: deleted, with everything in it/],
  },
  "changed-cidr": {
    sentence:
      /operators \(198\.51\.100\.0\/24\) may now reach bastion\/ssh .*operators \(203\.0\.113\.0\/24\) may no longer/,
    rows: [/^opened operators .*\(Hetzner firewall of bastion-01/],
  },
  version: {
    sentence: /away until its new pod is ready: n8n\/n8n-main; 3 workloads rolled out pod by pod/,
    rows: [/^rollsOut n8n\/n8n-main: .*image of n8n-main: \S+ -> \S+:99\.1\.0/],
  },
  audience: {
    sentence: /platform-api\.keybuzz\.io\/: for everybody -> 198\.51\.100\.0\/24; nobody else's way changes/,
  },
  "accepted-risk": {
    sentence: /newly accepted: vault\/vault -> lb-data:5432/,
    rows: [/^risk vault\/vault -> .*is accepted now \(Vault is to keep its audit/],
  },
  "fewer-workers": { sentence: /k3s-worker-04.*-69\.49 EUR a month/, rows: [/^(data|deleted) server k3s-worker-04: /] },
  scaled: {
    sentence: /keybuzz-front: replicas 3 -> 5; no interruption is foreseen/,
    rows: [/^scales keybuzz\/keybuzz-front: replicas 3 -> 5/],
  },
  "etcd-instead-of-raft": {
    sentence:
      /^Patroni's DCS: raft -> etcd3 on .*postgres may now reach postgres\/etcd-client .*postgres may no longer reach postgres\/raft/,
    rows: [/^opened postgres: .*UFW of db-master-01, db-slave-01 and db-slave-02; what listens on db-master-01/],
  },
  "balancer-type": {
    sentence: /-7\.49 EUR a month and \+1 load balancer type lb21, whose price is not known/,
    rows: [/^scales load balancer lb-mariadb: lb11 -> lb21, in place/],
  },
  "k3s-version": {
    sentence: /k3s\.service on k3s-master-01, k3s-master-02 and k3s-master-03 and k3s-agent\.service on k3s-worker-01/,
    rows: [/^waits k3s\.service on k3s-master-01, .*turn \(\/etc\/rancher\/k3s\/release\)$/],
  },
  unprotected: {
    sentence: /^Namespace monitoring and \d+ more: no longer protected from deletion/,
    rows: [/^data .*n8n\/encryption-key/, /^data .*server k3s-master-01/],
  },
};
