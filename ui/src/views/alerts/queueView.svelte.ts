/** The queue as it stands on the screen: its order, its anchor, stepping through it. */
import { tick } from "svelte";
import { selection } from "../../app/selection.svelte";
import { alerts } from "./alerts.svelte";
import { orderQueue } from "./queue";

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

  /** Lets go of the anchor, so that what waits above comes in. */
  release(): void {
    this.pointed = undefined;
    this.focused = undefined;
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  /** Opens the next or previous row and gives it the focus. */
  step(by: 1 | -1): boolean {
    const { shown } = this.order;
    if (shown.length === 0) return false;
    const at = selection.alert === undefined ? -1 : shown.indexOf(selection.alert);
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.max(0, Math.min(shown.length - 1, at + by));
    const id = shown[next];
    if (id === undefined) return false;
    selection.openAlert(id);
    void tick().then(() => {
      document.querySelector<HTMLElement>(`[data-testid="alert-queue-row"][data-alert="${CSS.escape(id)}"]`)?.focus();
    });
    return true;
  }
}

export const queueView = new QueueView();
