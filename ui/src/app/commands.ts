/**
 * All that a person can do without a pointer: one table that the keys, the
 * help, the key settings and the command palette read. A part of the page
 * adds its acts with `commands.register`.
 */

export type CommandGroup = "Alerts" | "Tracks" | "Map" | "Time" | "Go to" | "Page";

export interface Command {
  /** Stable, most significant word first: `alert.acknowledge`. */
  id: string;
  group: CommandGroup;
  /** What it does, as the help says it. */
  name: string;
  /** Key at first: one character, `Space`, or a chord such as `g m`; null for none. */
  key: string | null;
  /** Does it; false when there was nothing to do it to. */
  run(): boolean;
  /** False when it makes no sense now: the palette then leaves it out. */
  isOffered?(): boolean;
}

class Commands {
  readonly #all = new Map<string, Command>();
  #escapes: (() => boolean)[] = [];

  /** Adds commands; the answer takes them away again. */
  register(...added: Command[]): () => void {
    for (const command of added) this.#all.set(command.id, command);
    return () => {
      for (const { id } of added) this.#all.delete(id);
    };
  }

  list(): Command[] {
    return [...this.#all.values()];
  }

  find(id: string): Command | undefined {
    return this.#all.get(id);
  }

  /** Runs one by name; false if it is unknown or had nothing to do. */
  run(id: string): boolean {
    return this.#all.get(id)?.run() ?? false;
  }

  /** Asks `handler` first when Esc is pressed; true from it means that Esc is used up. */
  onEscape(handler: () => boolean): () => void {
    this.#escapes = [handler, ...this.#escapes];
    return () => {
      this.#escapes = this.#escapes.filter((each) => each !== handler);
    };
  }

  escape(): boolean {
    return this.#escapes.some((handler) => handler());
  }
}

export const commands = new Commands();
