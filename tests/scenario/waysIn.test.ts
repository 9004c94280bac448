// With simulated machines; with real ones in tests/machines.
import { waysInStory } from "../machines/support/waysIn";

describe("ways in to a rehearsed estate", () => waysInStory("simulated"));
