/** The alerts that the page knows, and the acts of a person on them. */
import { SvelteMap } from "svelte/reactivity";
import { Problem, api } from "../../api/client";
import type { ActAnswer, Alert, Verdict } from "../../api/types";
import { notices } from "../../app/notices.svelte";
import { picture } from "../../live/picture.svelte";
import { replay } from "../../time/replay.svelte";
import { words } from "../../i18n/en";
import { compareAlerts, isQueued, isWaiting } from "./queue";

/** Closed alerts kept for the table; older ones are read from the log. */
const KEPT_MAX = 2_000;

class Alerts {
  readonly all = new SvelteMap<string, Alert>();
  readonly sorted = $derived([...this.all.values()].sort(compareAlerts));
  readonly queue = $derived(this.sorted.filter(isQueued));
  readonly waiting = $derived(this.queue.filter(isWaiting).length);
  readonly shelved = $derived(this.sorted.filter((alert) => alert.state === "shelved").length);
  /** Acts under way, by alert. */
  readonly busy = new SvelteMap<string, string>();

  me = "";

  clear(): void {
    this.all.clear();
  }

  /** Takes in an alert unless a newer form of it is known. */
  take(alert: Alert): void {
    const known = this.all.get(alert.id);
    if (known && isOlder(alert, known)) return;
    this.#tell(known, alert);
    this.all.set(alert.id, alert);
    this.#trim();
    this.#markTracks();
  }

  async load(): Promise<void> {
    const { alerts } = await api.alerts();
    for (const alert of alerts) {
      const known = this.all.get(alert.id);
      if (!known || !isOlder(alert, known)) this.all.set(alert.id, alert);
    }
    this.#trim();
    this.#markTracks();
  }

  acknowledge(id: string): Promise<boolean> {
    return this.#act(id, "Acknowledging", "Acknowledged", () => api.acknowledge(id));
  }

  close(id: string, reason: string): Promise<boolean> {
    return this.#act(id, "Closing", `Closed as ${reason}`, () => api.close(id, reason));
  }

  note(id: string, text: string): Promise<boolean> {
    return this.#act(id, "Adding the note", "Note added", () => api.note(id, text), undefined, true);
  }

  /** Puts an alert aside until `until` (RFC 3339); the answer is a refusal in words, if there is one. */
  async shelve(id: string, reason: string, until: string): Promise<string | undefined> {
    let refusal: string | undefined;
    const isDone = await this.#act(id, "Shelving", "Shelved", () => api.shelve(id, reason, until), (text) => (refusal = text));
    return isDone ? undefined : (refusal ?? BUSY);
  }

  /** Records what an alert was; answers as `shelve` does. */
  async assess(id: string, verdict: Verdict, reason: string): Promise<string | undefined> {
    let refusal: string | undefined;
    const done = `Verdict recorded, ${reason}`;
    const isDone = await this.#act(id, "Recording", done, () => api.assess(id, verdict, reason), (text) => (refusal = text));
    return isDone ? undefined : (refusal ?? BUSY);
  }

  /** True once the log holds the act; the page says nothing before that. */
  async #act(
    id: string,
    doing: string,
    done: string,
    call: () => Promise<ActAnswer>,
    refuse: (why: string) => void = (why) => notices.warn(why),
    isNote = false,
  ): Promise<boolean> {
    if (replay.isOn && !isNote) {
      refuse(words.time.actsOff);
      return false;
    }
    if (this.busy.has(id)) return false;
    this.busy.set(id, doing);
    try {
      const answer = await call();
      this.all.set(id, answer.alert);
      this.#markTracks();
      notices.say(`${done}: ${answer.alert.title}`, answer.audit_seq);
      return true;
    } catch (error) {
      const problem = error instanceof Problem ? error : undefined;
      refuse(problem?.message ?? "The act failed for a reason this page does not know.");
      if (problem?.status === 409) void this.load().catch(() => {});
      return false;
    } finally {
      this.busy.delete(id);
    }
  }

  /** Another person's act is news on this screen too. */
  #tell(known: Alert | undefined, alert: Alert): void {
    const last = alert.history.at(-1);
    if (!known || !last || known.history.length >= alert.history.length) return;
    if (this.busy.has(alert.id) || last.actor === this.me) return;
    notices.say(`${last.actor} ${words.didAct(last.act)}: ${alert.title}`, last.seq);
  }

  #trim(): void {
    if (this.all.size <= KEPT_MAX) return;
    const closed = this.sorted.filter((alert) => !isQueued(alert));
    for (const alert of closed.slice(KEPT_MAX / 2)) this.all.delete(alert.id);
  }

  #markTracks(): void {
    const slots = new Set<number>();
    for (const alert of this.all.values()) {
      const slot = slotOf(alert.track);
      if (isWaiting(alert) && slot !== undefined) slots.add(slot);
    }
    picture.live.tracks.markWaiting(slots);
  }
}

const BUSY = "Another act on this alert is still under way.";

/** Whether the first form of an alert was made before the second. */
function isOlder(a: Alert, b: Alert): boolean {
  return a.seq < b.seq || a.history.length < b.history.length || Date.parse(a.updated_at) < Date.parse(b.updated_at);
}

/** The slot of a track id such as `T12`. */
export function slotOf(track: string | null | undefined): number | undefined {
  const found = /^T(\d{1,10})$/.exec(track ?? "");
  return found ? Number(found[1]) : undefined;
}

export const alerts = new Alerts();
