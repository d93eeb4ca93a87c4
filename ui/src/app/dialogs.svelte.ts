/** Which dialog is open; at most one. */

export type DialogName = "help" | "link" | "search" | "close" | "palette" | "keys" | "shelve" | "assess" | "erase";

class Dialogs {
  open = $state<DialogName | undefined>(undefined);
  /** What the dialog is about, where the selection does not say it. */
  subject = $state<string | undefined>(undefined);

  show(name: DialogName, subject?: string): void {
    this.open = name;
    this.subject = subject;
  }

  close(): void {
    this.open = undefined;
    this.subject = undefined;
  }
}

export const dialogs = new Dialogs();
