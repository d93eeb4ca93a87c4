/** Files that a person laid over the map. They stay on this screen and end with it. */
import type { Feature } from "../../map/marks";

export interface Upload {
  id: number;
  name: string;
  features: readonly Feature[];
  visible: boolean;
  opacity: number;
  loaded_at: string;
}

export const UPLOADS_MAX = 8;

class Uploads {
  list = $state.raw<readonly Upload[]>([]);
  #next = 1;

  /** Lays what was read over the map; false when there is no room for another file. */
  add(name: string, features: readonly Feature[]): boolean {
    if (this.list.length >= UPLOADS_MAX) return false;
    const upload = { id: this.#next++, name, features, visible: true, opacity: 1, loaded_at: new Date().toISOString() };
    this.list = [...this.list, upload];
    return true;
  }

  change(id: number, part: Partial<Pick<Upload, "visible" | "opacity">>): void {
    this.list = this.list.map((upload) => (upload.id === id ? { ...upload, ...part } : upload));
  }

  remove(id: number): void {
    this.list = this.list.filter((upload) => upload.id !== id);
  }
}

export const uploads = new Uploads();
