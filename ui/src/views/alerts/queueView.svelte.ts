/** The queue as it stands on the screen: its order, its anchor, stepping through it. */
import { tick } from "svelte";
import { type AlertFrom, selection } from "../../app/selection.svelte";
import { replay } from "../../time/replay.svelte";
import { alerts } from "./alerts.svelte";
import { isWaiting, orderQueue } from "./queue";

/** A row of the queue: in a replay the same alert may stand there twice, as it is and as it was. */
export interface QueueRow {
  id: string;
  from: AlertFrom;
}

class QueueView {
  /** Rows that must not move: the one under the pointer, the one with the focus. */
  pointed = $state<string | undefined>(undefined);
  focused = $state<string | undefined>(undefined);
  #before: string[] = [];

  readonly order = $derived.by(() => {
    const sorted = alerts.queue.map((alert) => alert.id);
    const order = orderQueue(sorted, this.#before, this.pointed ?? this.focused);
    this.#before = order.shown;
    return order;
  });

  /** In a replay: what the present asks for since it was left, and what is critical; then the alerts as they stood. */
  readonly rows = $derived.by((): QueueRow[] => {
    const live = (id: string): QueueRow => ({ id, from: "live" });
    if (!replay.isOn) return this.order.shown.map(live);
    const waiting = alerts.queue
      .filter((alert) => isWaiting(alert) && (alert.severity === "critical" || Date.parse(alert.updated_at) >= replay.began_ms))
      .map(({ id }) => live(id));
    return [...waiting, ...replay.queue.map(({ id }): QueueRow => ({ id, from: "then" }))];
  });

  /** Lets go of the anchor, so that what waits above comes in. */
  release(): void {
    this.pointed = undefined;
    this.focused = undefined;
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  /** Opens the next or previous row and gives it the focus. */
  step(by: 1 | -1): boolean {
    const { rows } = this;
    const at = rows.findIndex(({ id, from }) => id === selection.alert && from === selection.alertFrom);
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by));
    const row = rows[next];
    if (row === undefined) return false;
    const { id, from } = row;
    selection.openAlert(id, from);
    void tick().then(() => {
      document.querySelector<HTMLElement>(`[data-testid="alert-queue-row"][data-alert="${CSS.escape(id)}"][data-from="${from}"]`)?.focus();
    });
    return true;
  }
}

export const queueView = new QueueView();
