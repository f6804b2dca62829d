import { createHash } from 'node:crypto'
import type { FetchTally } from '../../ports/fetching.ts'
import type { Note, OutgoingNotes } from '../../ports/outgoing-notes.ts'
import type { Clock } from '../../ports/runtime.ts'

/** Forgotten when nobody has looked there for so long. */
const keptMs = 400 * 86_400_000
const page = 1_000
const kind = 'fetched'

/** How far a folder has been read: RFC 9051 §2.3.1.1. */
export interface ReadUpTo {
  readonly validity: string
  readonly uid: number
}

/**
 * Where a message of POP3 stands that is not to be taken again: `taken` goes when it can be deleted there, `stays` does not.
 * RFC 1939 §7.
 */
export type Standing = 'taken' | 'stays'

/**
 * How far mailboxes elsewhere have been read. Losing the last second of it costs reading again what was accepted then: whether a
 * message was, the store knows by itself.
 */
export class Bookmarks {
  readonly #notes: OutgoingNotes
  readonly #clock: Clock

  constructor(notes: OutgoingNotes, clock: Clock) {
    this.#notes = notes
    this.#clock = clock
  }

  async readUpTo(origin: string, folder: string): Promise<ReadUpTo | undefined> {
    const note = await this.#notes.get(kind, folderName(origin, folder))
    if (!note) return undefined
    const mark = JSON.parse(note.value) as ReadUpTo
    if (this.#isOld(note)) await this.setReadUpTo(origin, folder, mark)
    return mark
  }

  async setReadUpTo(origin: string, folder: string, { validity, uid }: ReadUpTo): Promise<void> {
    await this.#put([{ name: folderName(origin, folder), value: JSON.stringify({ validity, uid }) }])
  }

  /** Of all messages that are there; what is known of others is forgotten, as they will not come again. */
  async standings(origin: string, present: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
    const byName = new Map(present.map((uidl) => [uidlName(origin, uidl), uidl]))
    const found = new Map<string, Standing>()
    const aging: Note[] = []
    const gone: string[] = []
    for await (const note of this.#under(`${origin}/u/`)) {
      const uidl = byName.get(note.name)
      if (uidl === undefined) gone.push(note.name)
      else {
        found.set(uidl, note.value as Standing)
        if (this.#isOld(note)) aging.push(note)
      }
    }
    await this.#put(aging)
    if (gone.length > 0) await this.#notes.drop(kind, gone)
    return found
  }

  async *#under(prefix: string): AsyncIterable<Note> {
    for (let after = prefix; ; ) {
      const notes = await this.#notes.list(kind, after, page)
      for (const note of notes) {
        if (!note.name.startsWith(prefix)) return
        after = note.name
        yield note
      }
      if (notes.length < page) return
    }
  }

  async setStandings(origin: string, standings: ReadonlyMap<string, Standing>): Promise<void> {
    await this.#put([...standings].map(([uidl, value]) => ({ name: uidlName(origin, uidl), value })))
  }

  async forget(origin: string, uidls: readonly string[]): Promise<void> {
    const names = uidls.map((uidl) => uidlName(origin, uidl))
    if (names.length > 0) await this.#notes.drop(kind, names)
  }

  async tally(id: number): Promise<FetchTally | undefined> {
    const note = await this.#notes.get(kind, tallyName(id))
    return note && (JSON.parse(note.value) as FetchTally)
  }

  async count(id: number, more: FetchTally): Promise<void> {
    const before = (await this.tally(id)) ?? { taken: 0, left: 0, why: '' }
    const value = {
      taken: before.taken + more.taken,
      left: before.left + more.left,
      ...(more.why === '' ? reasonOf(before) : reasonOf(more)),
    }
    await this.#put([{ name: tallyName(id), value: JSON.stringify(value) }])
  }

  #isOld({ until }: Note): boolean {
    return until - this.#clock.now() < keptMs / 2
  }

  async #put(notes: readonly Pick<Note, 'name' | 'value'>[]): Promise<void> {
    const until = this.#clock.now() + keptMs
    for (let from = 0; from < notes.length; from += page)
      await this.#notes.put(
        notes.slice(from, from + page).map(({ name, value }) => ({ kind, name, value, until })),
      )
  }
}

const reasonOf = ({ why, said }: FetchTally) => ({ why, ...(said && { said }) })

const short = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 24)
const folderName = (origin: string, folder: string) => `${origin}/f/${short(folder)}`
const uidlName = (origin: string, uidl: string) => `${origin}/u/${short(uidl)}`
const tallyName = (id: number) => `#${id}`
