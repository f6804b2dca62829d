import type { Database } from '../../../platform/sqlite/database.ts'
import type { WriterFile } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Alike } from '../known/likeness.ts'
import { bandsOf, likeness, type Prints, packed } from '../known/prints.ts'
import type { Repute } from '../known/reputation.ts'
import type { Subject } from '../known/subjects.ts'
import { type Sighting, unpackSubjects, type Written } from './acquaintance-program.ts'

const shared = 0
/** What is seen is written together, and may be lost in a crash. */
const writeEveryMs = 200
/** More waits for a disk that is full or very slow. */
const mostWaiting = 5000
const printsPerBand = 20

const day = 24 * 3_600_000
const kept = { sightings: 30 * day, reputation: 120 * day, written: 400 * day, prints: 90 * day }
const mostRows = 300_000
const rowsPerSweep = 20_000

/** What is known of senders and of single messages, beside what words say. */
export class Acquaintance {
  readonly #file: WriterFile
  readonly #repute
  readonly #sighting
  readonly #written
  readonly #prints
  #sightings: Sighting[] = []
  #letters: Written[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<unknown> = Promise.resolve()

  constructor(db: Database, file: WriterFile) {
    this.#file = file
    this.#repute = db.prepare<[number, number], Repute>(
      'SELECT ham, spam FROM reputation WHERE scope = ? AND subject = ?',
    )
    this.#sighting = db
      .prepare<[Uint8Array], Uint8Array>('SELECT subjects FROM sighting WHERE digest = ?')
      .pluck()
    this.#written = db
      .prepare<[number, number], 1>('SELECT 1 FROM written WHERE scope = ? AND subject = ?')
      .pluck()
    // One question for all bands: each has a price of its own, and nearly always nothing is found. The limit stands in the text:
    // SQLite plans a statement anew whenever another one is bound.
    this.#prints = db.prepare<[string], { account: number; print: Uint8Array }>(
      `SELECT account, print FROM json_each(?) AS asked CROSS JOIN print
         WHERE number IN (SELECT number FROM print_band WHERE band = asked.value LIMIT ${printsPerBand})`,
    )
  }

  /** In the order of the subjects; undefined scope: what everybody's mail says. */
  repute(subjects: readonly Subject[], scope: AccountId | undefined): (Repute | undefined)[] {
    return subjects.map(({ key }) => this.#repute.get(scope ?? shared, key))
  }

  /** Whose message it was; nothing where it was not weighed, or long ago. */
  subjectsOf(digest: Uint8Array): number[] {
    const found = this.#sighting.get(digest)
    return found ? unpackSubjects(found) : []
  }

  hasWritten(scope: AccountId | undefined, subject: number): boolean {
    return this.#written.get(scope ?? shared, subject) !== undefined
  }

  /** Those of the prints of a message that share something with it, with those that are hardly like it. */
  alike(prints: Prints): Alike[] {
    return packed(prints).flatMap((print) =>
      this.#prints
        .all(JSON.stringify(bandsOf(print)))
        .map((found) => ({ account: found.account, likeness: likeness(print, found.print) })),
    )
  }

  /** Not awaited: nobody's mail waits for what is only noted. */
  note(sightings: readonly Sighting[], letters: readonly Written[]): void {
    if (this.#sightings.length + this.#letters.length >= mostWaiting) return
    this.#sightings.push(...sightings)
    this.#letters.push(...letters)
    this.#timer ??= setTimeout(() => void this.flush(), writeEveryMs).unref()
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const [sightings, written] = [this.#sightings, this.#letters]
    this.#sightings = []
    this.#letters = []
    if (sightings.length + written.length > 0)
      // The writer itself tells of a disk that is full; what was noted is lost.
      this.#writing = this.#file.call('note', { sightings, written }).catch(() => undefined)
    await this.#writing
  }

  async sweep(now: number): Promise<void> {
    await this.#file.call('sweepAcquaintance', {
      sightingsBefore: now - kept.sightings,
      reputationBefore: now - kept.reputation,
      writtenBefore: now - kept.written,
      printsBefore: now - kept.prints,
      mostRows,
      atMost: rowsPerSweep,
    })
  }
}
