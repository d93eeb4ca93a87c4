/** Short words to the person at the screen: what was done, and where it stands in the log. */

export interface Notice {
  id: number;
  tone: "done" | "warning";
  text: string;
  /** Log sequence number of the act, where there is one. */
  seq?: number;
}

/** How long a notice stays, ms; a warning stays longer because it must be read. */
const DONE_MS = 6_000;
const WARNING_MS = 12_000;
const NOTICES_MAX = 3;

class Notices {
  list = $state<Notice[]>([]);
  #next = 1;

  say(text: string, seq?: number): void {
    this.#show(seq === undefined ? { tone: "done", text } : { tone: "done", text, seq }, DONE_MS);
  }

  warn(text: string): void {
    this.#show({ tone: "warning", text }, WARNING_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  #show(notice: Omit<Notice, "id">, stays_ms: number): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-(NOTICES_MAX - 1)), { id, ...notice }];
    setTimeout(() => this.dismiss(id), stays_ms);
  }
}

export const notices = new Notices();
