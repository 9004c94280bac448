import { Mistakes } from "../components/mistakes";
import type { Environment } from "./environment";
import { judgeMeaning } from "./environmentRules";
import { withMeaning, withShape } from "./recover";
import { environmentJson, readShape } from "./shapeMistakes";
import { soundOnly } from "./soundOnly";

/**
 * The environment, to be planned; every mistake of its shape and its meaning is added. Where there are any, what comes
 * back is what it may have meant (recover.ts), so that its plan can be judged along with it.
 */
export function judgeEnvironment(input: unknown, mistakes: Mistakes): Environment {
  const shape = readShape(input);
  if (shape.ok) {
    judgeMeaning(shape.environment, mistakes);
    return mistakes.none ? shape.environment : withMeaning(shape.environment);
  }
  mistakes.add(...shape.mistakes.map(({ mistake }) => mistake));
  const wrong = shape.mistakes.filter(({ unknownKey }) => !unknownKey).map(({ mistake }) => mistake);
  const meant = withShape(environmentJson(), input, new Set(wrong.map(({ path }) => path))) as Environment;
  judgeMeaning(soundOnly(meant, new Map(wrong.map((one) => [one.path, one]))), mistakes);
  return withMeaning(meant);
}

/**
 * The environment as it is.
 *
 * @throws MistakesError with every mistake of shape and meaning
 */
export function validateEnvironment(input: unknown, file: string): Environment {
  const mistakes = new Mistakes();
  const environment = judgeEnvironment(input, mistakes);
  mistakes.refuse(file);
  return environment;
}
