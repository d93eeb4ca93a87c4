/** Why an alert was no threat, or was one: the reasons an assessment takes, and the verdict each means. */
import type { Verdict } from "../../api/types";

export interface Cause {
  name: string;
  verdict: Verdict;
  needsText: boolean;
}

export const CAUSES: readonly Cause[] = [
  { name: "friendly", verdict: "benign", needsText: false },
  { name: "known activity", verdict: "benign", needsText: false },
  { name: "sensor fault", verdict: "nuisance", needsText: false },
  { name: "wildlife or weather", verdict: "nuisance", needsText: false },
  { name: "duplicate", verdict: "nuisance", needsText: false },
  { name: "other", verdict: "benign", needsText: true },
  { name: "it was real", verdict: "true", needsText: false },
  { name: "cannot be told", verdict: "unknown", needsText: true },
];
