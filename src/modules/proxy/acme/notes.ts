import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../../../platform/files.ts'
import { readText } from '../certificate-files.ts'
import type { Trouble } from './trouble.ts'

/** What is known of a lineage beside its files; it outlives restarts, so that they do not make an authority be asked more often. */
export interface LineageNotes {
  /** In a row. */
  readonly failures: number
  /** UTC milliseconds, while it fails. */
  readonly nextTry?: number
  readonly troubles?: readonly NotedTrouble[]
  /** What the authority said of when to renew, for the certificate of this serial number. */
  readonly renewal?: { readonly serial: string; readonly renewAt: number; readonly askAgainAt: number }
}

export interface NotedTrouble extends Omit<Trouble, 'said'>, Partial<Pick<Trouble, 'said'>> {
  readonly names: readonly string[]
  readonly at: number
}

type AllNotes = Readonly<Record<string, LineageNotes>>

export const noNotes: LineageNotes = { failures: 0 }

/** One JSON file beside the lineages. */
export class Notes {
  readonly #path: string
  #all: AllNotes | undefined

  constructor(path: string) {
    this.#path = path
  }

  async all(): Promise<AllNotes> {
    this.#all ??= parsed(await readText(this.#path))
    return this.#all
  }

  async of(id: string): Promise<LineageNotes> {
    return (await this.all())[id] ?? noNotes
  }

  async set(id: string, notes: LineageNotes): Promise<void> {
    this.#all = { ...(await this.all()), [id]: notes }
    await this.#write()
  }

  /** Forgets lineages that nobody wants any more. */
  async keepOnly(ids: readonly string[]): Promise<void> {
    const all = await this.all()
    const kept = Object.entries(all).filter(([id]) => ids.includes(id))
    if (kept.length === Object.keys(all).length) return
    this.#all = Object.fromEntries(kept)
    await this.#write()
  }

  async #write(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    await replaceFile(this.#path, `${JSON.stringify(this.#all, undefined, 2)}\n`)
  }
}

/** What cannot be read is forgotten: the authority is asked a little too early then. */
function parsed(text: string | undefined): AllNotes {
  if (text === undefined) return {}
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null ? (read as AllNotes) : {}
  } catch {
    return {}
  }
}
