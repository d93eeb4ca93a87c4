/** The theme and its brightness, kept by this browser. */
import { type ThemeName, usePalette } from "../map/palette";

export const THEMES: { name: ThemeName; says: string }[] = [
  { name: "dark", says: "Dark" },
  { name: "day", says: "Day" },
  { name: "night", says: "Night" },
];

/** The darkest that the slider goes to, percent: below it a picture could be missed. */
export const BRIGHTNESS_MIN = 20;

const THEME_STORE = "picket.theme";
const BRIGHTNESS_STORE = "picket.brightness";

class Theme {
  name = $state<ThemeName>("dark");
  /** Percent of the theme's own brightness. */
  brightness = $state(100);

  /** Takes on what this browser keeps; to be called before the first paint. */
  start(): void {
    this.#read();
    // Another screen of this browser has changed it.
    window.addEventListener("storage", ({ key }) => {
      if (key === THEME_STORE || key === BRIGHTNESS_STORE) this.#read();
    });
  }

  #read(): void {
    const kept = localStorage.getItem(THEME_STORE);
    this.name = THEMES.find(({ name }) => name === kept)?.name ?? "dark";
    this.brightness = held(Number(localStorage.getItem(BRIGHTNESS_STORE) ?? 100));
    this.#apply();
  }

  choose(name: ThemeName): void {
    this.name = name;
    localStorage.setItem(THEME_STORE, name);
    this.#apply();
  }

  /** The theme after this one, for a key. */
  next(): void {
    const at = THEMES.findIndex(({ name }) => name === this.name);
    this.choose(THEMES[(at + 1) % THEMES.length]?.name ?? "dark");
  }

  dim(percent: number): void {
    this.brightness = held(percent);
    localStorage.setItem(BRIGHTNESS_STORE, String(this.brightness));
    this.#apply();
  }

  #apply(): void {
    usePalette(this.name);
    const root = document.documentElement;
    root.dataset.theme = this.name;
    // Without a filter at full brightness: it would cost every frame.
    root.style.setProperty("--dim", this.brightness === 100 ? "none" : `brightness(${this.brightness / 100})`);
  }
}

const held = (percent: number): number => (percent >= BRIGHTNESS_MIN && percent <= 100 ? Math.round(percent) : 100);

export const theme = new Theme();
