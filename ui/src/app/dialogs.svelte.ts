/** Which dialog is open; at most one. */

export type DialogName = "help" | "link" | "search" | "close";

class Dialogs {
  open = $state<DialogName | undefined>(undefined);

  show(name: DialogName): void {
    this.open = name;
  }

  close(): void {
    this.open = undefined;
  }
}

export const dialogs = new Dialogs();
