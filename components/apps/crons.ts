import { hasSecret } from "../secrets/secretRef";
import type { Mistake } from "../mistakes";
import type { AppPlan } from "./appPlan";
import type { CronArgs, CronPlan } from "./cronArgs";
import { appLabels } from "./labels";
import type { CronJobManifest } from "./manifests";
import { DEFAULT_PLACEMENT } from "./planProcess";
import { resourceMistakes } from "./quantity";
import { renderPlacement } from "./renderPlacement";
import { renderPodTemplate } from "./renderPods";
import { environmentMistakes, nameMistakes } from "./valueMistakes";

/** Kubernetes adds eleven characters for each run's Job. */
const NAME_MAX = 52;
/** A run that could not start within so many seconds of its time is left out, not made up for. */
const STARTING_DEADLINE_SECONDS = 300;
const FIELD = String.raw`(\*|\d+(-\d+)?(,\d+(-\d+)?)*)(/\d+)?`;
const SCHEDULE = new RegExp(`^${FIELD}( ${FIELD}){4}$`);

export function planCron(args: CronArgs): CronPlan {
  const { timeZone = "Etc/UTC", env = {}, retries = 0, placement = DEFAULT_PLACEMENT } = args;
  return { ...args, timeZone, env, retries, placement, command: args.command, args: args.args };
}

/** Five fields of numbers, ranges and steps, each within its range. */
export function isSchedule(text: string): boolean {
  if (!SCHEDULE.test(text)) return false;
  const ranges = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]] as const; // prettier-ignore
  return text.split(" ").every((field, i) => {
    const [first, last] = ranges[i] ?? [0, 0];
    const [times = "", step = "1"] = field.split("/");
    const numbers = times === "*" ? [] : times.split(/[,-]/).map(Number);
    return Number(step) >= 1 && numbers.every((number) => number >= first && number <= last);
  });
}

export function cronMistakes(path: string, cron: CronPlan): readonly Mistake[] {
  const { name, schedule, env, timeoutSeconds, retries } = cron;
  const mistakes: Mistake[] = [...nameMistakes(`${path}.name`, name)];
  if (name.length > NAME_MAX) {
    const found = `${name.length} characters`;
    mistakes.push({ path: `${path}.name`, found, allowed: `up to ${NAME_MAX}`, fix: "shorten it" });
  }
  if (!isSchedule(schedule)) {
    const allowed = 'minute, hour, day of the month, month, day of the week, such as "0 3 * * *"';
    mistakes.push({ path: `${path}.schedule`, found: `"${schedule}"`, allowed, fix: "correct it" });
  }
  if (!(timeoutSeconds >= 1)) {
    const fix = "give the longest run its time";
    mistakes.push({ path: `${path}.timeoutSeconds`, found: String(timeoutSeconds), allowed: "1 or more", fix });
  }
  if (!Number.isInteger(retries) || retries < 0) {
    const allowed = "a whole number from 0";
    mistakes.push({ path: `${path}.retries`, found: String(retries), allowed, fix: "correct it" });
  }
  for (const [variable, value] of Object.entries(env)) {
    if (!hasSecret(value)) continue;
    const allowed = "plain values: it would stand readable in the CronJob";
    const fix = "move it to the application's config.env";
    mistakes.push({ path: `${path}.env.${variable}`, found: "a secret's placeholder", allowed, fix });
  }
  return [
    ...mistakes,
    ...environmentMistakes(`${path}.env`, env),
    ...resourceMistakes(`${path}.resources`, cron.resources),
  ];
}

export function renderCron(plan: AppPlan, cron: CronPlan): CronJobManifest {
  const { name, schedule, timeZone, timeoutSeconds, retries, command, args, env, resources, placement } = cron;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace: plan.namespace, labels: { ...appLabels(plan.partOf) } },
    spec: {
      schedule,
      timeZone,
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: STARTING_DEADLINE_SECONDS,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: retries,
          activeDeadlineSeconds: timeoutSeconds,
          template: renderPodTemplate(plan, {
            name,
            ...(command === undefined ? {} : { command }),
            ...(args === undefined ? {} : { args }),
            env,
            resources,
            placement: renderPlacement(placement),
            pod: { restartPolicy: "Never" },
          }),
        },
      },
    },
  };
}
