/** The areas and lines that are watched: those of the settings and those that people drew. */
import { Problem, api } from "../../api/client";
import type { Area, Drawn, Line } from "../../api/types";
import { words } from "../../i18n/en";
import { replay } from "../../time/replay.svelte";
import { notices } from "../../app/notices.svelte";

class Areas {
  areas = $state.raw<readonly Area[]>([]);
  lines = $state.raw<readonly Line[]>([]);

  /** Takes the whole list, as `bootstrap` and the live `areas` event carry it. */
  take(all: { areas?: Area[]; lines?: Line[] }): void {
    if (Array.isArray(all.areas)) this.areas = all.areas;
    if (Array.isArray(all.lines)) this.lines = all.lines;
  }

  clear(): void {
    this.areas = [];
    this.lines = [];
  }

  find(name: string): Area | undefined {
    return this.areas.find((area) => area.name === name);
  }

  /** Draws one; the answer is undefined once the log holds it, else the refusal in words. */
  async draw(drawn: Drawn): Promise<string | undefined> {
    return this.#change(() => api.draw(drawn), `${"line" in drawn ? "Line" : "Area"} drawn: ${drawn.name}`);
  }

  /** Takes a drawn one away; answers as `draw` does. */
  async erase(name: string, reason: string): Promise<string | undefined> {
    return this.#change(() => api.eraseArea(name, reason), `Taken off the map: ${name}`);
  }

  async #change(call: () => Promise<{ audit_seq: number }>, done: string): Promise<string | undefined> {
    if (replay.isOn) return words.time.actsOff;
    try {
      const { audit_seq } = await call();
      notices.say(done, audit_seq);
    } catch (error) {
      return error instanceof Problem ? error.message : "The act failed for a reason this page does not know.";
    }
    // The event says it too; a page whose link is down just now must not miss its own act.
    await api.areas().then((all) => this.take(all)).catch(() => {});
    return undefined;
  }
}

export const areas = new Areas();
