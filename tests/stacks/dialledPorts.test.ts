import { dialledPortRules } from "../../stacks/dialledPorts";
import { HETZNER_ENDPOINT } from "../../stacks/askHetzner";

const AT_HETZNER = { endpoint: HETZNER_ENDPOINT, token: "t" };
const LISTENING = { bastionSshPort: 22, bastionKubernetesPort: 6443 };
const OTHERS = { bastionSshPort: 2222, bastionKubernetesPort: 443 };

test("at Hetzner the bastion is dialled where it listens; a rehearsal reaches its own by other ports", () => {
  expect(dialledPortRules(LISTENING, AT_HETZNER)).toEqual([]);
  expect(dialledPortRules(OTHERS, { ...AT_HETZNER, endpoint: "http://127.0.0.1:4000/v1" })).toEqual([]);
  expect(dialledPortRules(OTHERS, undefined)).toEqual([]);
  expect(dialledPortRules(OTHERS, AT_HETZNER)).toEqual([
    {
      path: "keybuzz:bastionSshPort",
      found: "2222",
      allowed: expect.stringMatching(/^22 at Hetzner/) as string,
      fix: "pulumi config rm keybuzz:bastionSshPort",
    },
    expect.objectContaining({ path: "keybuzz:bastionKubernetesPort", found: "443" }) as object,
  ]);
});
