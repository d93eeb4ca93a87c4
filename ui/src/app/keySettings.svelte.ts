/** Whether single-letter keys act; kept by this browser. */

const STORE = "picket.singleLetters";

class KeySettings {
  singleLetters = $state(typeof localStorage === "undefined" || localStorage.getItem(STORE) !== "off");

  set(on: boolean): void {
    this.singleLetters = on;
    localStorage.setItem(STORE, on ? "on" : "off");
  }
}

export const keySettings = new KeySettings();
