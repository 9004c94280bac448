import { OPERATOR_GROUPS, operatorGroups, operatorRights } from "../../../../components/cluster/k3s/operatorGroups";
import { SecretLedger } from "../../../../components/secrets/secretLedger";

const groups = operatorGroups(OPERATOR_GROUPS, new SecretLedger());
const NAMESPACES = ["chatwoot", "n8n"];
const shown = ({ clusterRoleBindings, roleBindings }: ReturnType<typeof operatorRights>): readonly string[] =>
  [...clusterRoleBindings, ...roleBindings].map(({ metadata, roleRef, subjects }) => {
    const where = "namespace" in metadata ? String(metadata.namespace) : "everywhere";
    return `${metadata.name}: ${subjects[0]?.name} ${roleRef.name} ${where}`;
  });

test("each group has its rights, and none is above the bindings", () => {
  expect(shown(operatorRights(groups, NAMESPACES))).toEqual([
    "keybuzz-admins-cluster-admin: keybuzz:admins cluster-admin everywhere",
    "keybuzz-deployers-view: keybuzz:deployers view everywhere",
    "keybuzz-deployers-keybuzz-cluster-viewer: keybuzz:deployers keybuzz-cluster-viewer everywhere",
    "keybuzz-viewers-view: keybuzz:viewers view everywhere",
    "keybuzz-viewers-keybuzz-cluster-viewer: keybuzz:viewers keybuzz-cluster-viewer everywhere",
    "keybuzz-deployers: keybuzz:deployers edit chatwoot",
    "keybuzz-deployers: keybuzz:deployers edit n8n",
  ]);
  expect(groups.map(({ subject }) => subject)).not.toContain("system:masters");
});

test("the role that is added for those who see reads no Secrets and changes nothing", () => {
  const rules = operatorRights(groups, NAMESPACES).clusterRoles.flatMap((role) => role.rules);
  expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["get", "list", "watch"]));
  expect(rules.flatMap(({ resources }) => resources)).not.toContain("secrets");
});

test("after a rotation the same bindings name another group", () => {
  const rotated = operatorGroups(["viewers"], new SecretLedger({ "kubernetes/viewers": 2 }));
  expect(shown(operatorRights(rotated, NAMESPACES))).toEqual([
    "keybuzz-viewers-view: keybuzz:viewers:2 view everywhere",
    "keybuzz-viewers-keybuzz-cluster-viewer: keybuzz:viewers:2 keybuzz-cluster-viewer everywhere",
  ]);
});

test("groups that are not wanted have nothing", () => {
  expect(operatorRights(operatorGroups([], new SecretLedger()), NAMESPACES)).toEqual({
    clusterRoles: [],
    clusterRoleBindings: [],
    roleBindings: [],
  });
});
