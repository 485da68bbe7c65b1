import path from "node:path"
import type { Disk } from "../../platform/index.ts"

/** Folders that are remembered as made. When there are more, those that were made first are looked at again. */
const rememberedMax = 10_000

/**
 * Makes the folders below `root` and sees to it that their names survive a loss of power: also the names of folders that
 * were there already, since whoever made them may not have synced them yet. Each is seen to once.
 */
export class DurableFolders {
  readonly #disk: Disk
  readonly #root: string
  readonly #made = new Map<string, Promise<void>>()

  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  /** Resolves when `folder`, which is below the root, is there durably. */
  make(folder: string): Promise<void> {
    const known = this.#made.get(folder)
    if (known !== undefined) return known
    const made = this.#make(folder)
    this.#made.set(folder, made)
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= rememberedMax) break
      this.#made.delete(oldest)
    }
    return made
  }

  /** Somebody removed a folder: nothing that is remembered can be relied on. */
  forget(): void {
    this.#made.clear()
  }

  async #make(folder: string): Promise<void> {
    try {
      await this.#disk.makeFolder(folder)
      for (let made = folder; made !== this.#root; made = path.dirname(made)) {
        await this.#disk.syncFolder(path.dirname(made))
      }
    } catch (error) {
      this.#made.delete(folder)
      throw error
    }
  }
}
