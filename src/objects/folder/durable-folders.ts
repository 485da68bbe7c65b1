import path from "node:path"
import type { Disk } from "../../platform/index.ts"

/** Folders that are remembered as made. When there are more, those that were made first are looked at again. */
const rememberedMax = 10_000

/**
 * Makes a root folder and folders below it, and sees to it that their names survive a loss of power: also the names of
 * those that were there already, since whoever made them may not have synced them yet. Each is seen to once, so that
 * many who need the same new folder at the same time wait for the same work.
 */
export class DurableFolders {
  readonly #disk: Disk
  readonly #root: string
  readonly #made = new Map<string, Promise<void>>()

  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  /** Resolves when `folder`, which is the root or below it, is there durably. */
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
      if (folder !== this.#root) await this.make(path.dirname(folder))
      await this.#disk.makeFolder(folder)
      await this.#disk.syncFolder(path.dirname(folder))
    } catch (error) {
      this.#made.delete(folder)
      throw error
    }
  }
}
