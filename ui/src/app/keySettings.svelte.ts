/** Which key does what, and whether single keys act at all; kept by this browser. */
import { type Command, commands } from "./commands";

const SWITCH_STORE = "picket.singleLetters";
const KEYS_STORE = "picket.keys";

/** Keys that must go on meaning what they mean everywhere. */
const FIXED = new Set(["Escape", "Enter", "Tab", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

class KeySettings {
  singleLetters = $state(stored(SWITCH_STORE) !== "off");
  /** Changed keys by command; null is "no key". */
  #changed = $state.raw<Readonly<Record<string, string | null>>>(readChanged());

  readonly isChanged = $derived(Object.keys(this.#changed).length > 0);

  set(on: boolean): void {
    this.singleLetters = on;
    localStorage.setItem(SWITCH_STORE, on ? "on" : "off");
  }

  /** The key of a command now, null for none. */
  keyOf(command: Command): string | null {
    const changed = this.#changed[command.id];
    return changed === undefined ? command.key : changed;
  }

  commandOf(key: string): Command | undefined {
    return commands.list().find((command) => this.keyOf(command) === key);
  }

  /** Gives a command another key; answers a sentence when that cannot be. */
  change(command: Command, key: string | null): string | undefined {
    if (key !== null) {
      if (FIXED.has(key)) return `${key} keeps its meaning everywhere.`;
      const rival = commands.list().find((each) => each.id !== command.id && isClash(this.keyOf(each), key));
      if (rival) return `${keyText(this.keyOf(rival) ?? key)} already means “${rival.name}”. Change that one first.`;
    }
    const { [command.id]: _before, ...others } = this.#changed;
    this.#store(key === command.key ? others : { ...others, [command.id]: key });
    return undefined;
  }

  reset(): void {
    this.#store({});
  }

  #store(changed: Record<string, string | null>): void {
    this.#changed = changed;
    localStorage.setItem(KEYS_STORE, JSON.stringify(changed));
  }
}

/** Equal, or one is the first half of the other's chord. */
function isClash(a: string | null, b: string): boolean {
  if (a === null) return false;
  return a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `);
}

/** `g m` for people: each part is a key cap. */
export const keyText = (key: string): string => key.replace("-", "−");

function stored(name: string): string | null {
  return typeof localStorage === "undefined" ? null : localStorage.getItem(name);
}

/** What was stored, as far as it can be one of ours. */
function readChanged(): Record<string, string | null> {
  try {
    const found: unknown = JSON.parse(stored(KEYS_STORE) ?? "{}");
    if (typeof found !== "object" || found === null) return {};
    return Object.fromEntries(
      Object.entries(found).filter(([, key]) => key === null || (typeof key === "string" && key.length > 0 && key.length <= 8)),
    ) as Record<string, string | null>;
  } catch {
    return {};
  }
}

export const keySettings = new KeySettings();
