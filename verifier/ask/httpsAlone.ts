import type { Finding } from "../finding";
import type { World } from "../read/world";

/** Half a year, in seconds: less is taken for a trial. */
const LASTING = 15_768_000;

/** Do browsers come back by HTTPS alone, and do cookies? ingress-nginx' own `hsts` is for TLS that ends at nginx. */
export function checkHttpsAlone({ cluster: { controller } }: World): readonly Finding[] {
  if (controller === undefined) return [];
  const { options, answerHeaders, workload } = controller;
  const find = (rule: string, value: string, remedy: string): Finding => ({
    question: "closed",
    subject: "every route",
    at: `ConfigMap of ${workload.label}`,
    rule,
    value,
    remedy,
  });
  const headers = Object.entries(answerHeaders ?? {});
  const lasts = headers.find(([name]) => name.toLowerCase() === "strict-transport-security")?.[1];
  const seconds = Number(/(?:^|;)\s*max-age=(\d+)/.exec(lasts ?? "")?.[1] ?? 0);
  const path = options["proxy-cookie-path"] ?? "off";
  return [
    ...(seconds >= LASTING
      ? []
      : [
          find(
            "add-headers",
            answerHeaders === undefined
              ? `${options["add-headers"] ?? "nothing"}: no ConfigMap of the stack, so answers have no Strict-Transport-Security`
              : `Strict-Transport-Security: ${lasts ?? "none"}: a browser that is given a http:// address asks for it in the clear`,
            `name a ConfigMap with "Strict-Transport-Security: max-age=${LASTING}" or more`,
          ),
        ]),
    ...(/^~\^\((?:\/\.\*|\.\*)\)\$ "\$1; Secure"$/.test(path)
      ? []
      : [
          find(
            "proxy-cookie-path",
            `${path}: a cookie goes out in the clear where its application forgot to forbid it`,
            '~^(/.*)$ "$1; Secure"',
          ),
        ]),
  ];
}
