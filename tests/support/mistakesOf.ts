import { MistakesError, type Mistake } from "../../components/mistakes";

/** The mistakes that some work is refused for; none when it is not. */
export function mistakesOf(work: () => unknown): readonly Mistake[] {
  try {
    work();
  } catch (error) {
    if (error instanceof MistakesError) return error.mistakes;
    throw error;
  }
  return [];
}

/** The same as they are told, one line each. */
export function toldOf(work: () => unknown): readonly string[] {
  const mistakes = mistakesOf(work);
  return mistakes.length === 0 ? [] : new MistakesError("x", mistakes).message.split("\n  ").slice(1);
}
