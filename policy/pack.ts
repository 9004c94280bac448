// `pulumi preview --policy-pack policy`, `pulumi up --policy-pack policy`, `pulumi policy analyze --policy-pack policy`.
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

new PolicyPack("keybuzz", { policies: [...policies()], enforcementLevel: "mandatory" });
