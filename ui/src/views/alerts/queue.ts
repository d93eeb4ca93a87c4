/**
 * The order of the alert queue. Pure: which row stands where, and which rows
 * wait above so that nothing moves under the pointer or the focus.
 */
import type { Alert, AlertState, Severity } from "../../api/types";

const SEVERITY_RANK: Record<Severity, number> = { critical: 0, serious: 1, caution: 2, information: 3 };

/** Whether the first severity outranks the second. */
export const isGraver = (a: Severity, b: Severity): boolean => SEVERITY_RANK[a] < SEVERITY_RANK[b];

/** States that ask something of a person, or show that one is at it. */
const QUEUED: Record<AlertState, boolean> = {
  new: true,
  acknowledged: true,
  acting: true,
  cleared: true,
  shelved: false,
  closed: false,
};

export const isQueued = (alert: Alert): boolean => QUEUED[alert.state];

/** Whether nobody has looked yet. */
export const isWaiting = (alert: Alert): boolean => alert.state === "new";

/** Unacknowledged first, then severity, then the youngest; the id settles ties. */
export function compareAlerts(a: Alert, b: Alert): number {
  return (
    Number(isWaiting(b)) - Number(isWaiting(a)) ||
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    Date.parse(b.opened_at) - Date.parse(a.opened_at) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

export interface QueueOrder {
  /** Ids to show, top first. */
  shown: string[];
  /** Ids that would push the anchor down, and wait until it is let go. */
  above: string[];
}

/**
 * Orders the queue round an anchor: the row under the pointer or the focus.
 *
 * `sorted` is the order that the queue wants, `before` what is on the screen.
 * Rows above the anchor stay as they are, gone ones included; what is new and
 * belongs above waits; what belongs below is sorted freely.
 */
export function orderQueue(sorted: readonly string[], before: readonly string[], anchor: string | undefined): QueueOrder {
  const at = anchor === undefined ? -1 : before.indexOf(anchor);
  if (at < 0) return { shown: [...sorted], above: [] };
  const fixed = before.slice(0, at + 1);
  const isFixed = new Set(fixed);
  const wasBelow = new Set(before.slice(at + 1));
  const anchorRank = sorted.indexOf(before[at] ?? "");
  const above: string[] = [];
  const below: string[] = [];
  sorted.forEach((id, rank) => {
    if (isFixed.has(id)) return;
    const isNewAbove = !wasBelow.has(id) && (anchorRank < 0 || rank < anchorRank);
    (isNewAbove ? above : below).push(id);
  });
  return { shown: [...fixed, ...below], above };
}
