import { flagBits, systemBits } from '../../lib/flags.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import { checkIntegrity } from '../../platform/sqlite/integrity.ts'
import { openReader } from '../../platform/sqlite/reader.ts'
import type { VerifyReport } from '../../ports/store-care.ts'
import type { Blobs } from './blobs.ts'
import { readBlobRange, rowBytes } from './body-bytes.ts'
import { checksum, unpackFrames } from './codec.ts'
import { knownBlobs } from './sweeper.ts'
import {
  type BodyRow,
  type EmailRow,
  type OutgoingRow,
  prepareVerifySql,
  type ScriptRow,
} from './verify-sql.ts'

const rowsPerStep = 500
const bodiesPerStep = 32
const chunkBytes = 1024 * 1024
const mostProblems = 1_000

interface Verifying {
  readonly path: string
  readonly blobs: Blobs
}

/**
 * All rows are read as they are at one moment, in steps that let a running server go on. The write-ahead log of the server
 * grows until it is done.
 */
export async function verifyStore({ path, blobs }: Verifying): Promise<VerifyReport> {
  const db = openReader(path, { cacheKiB: 4_096 })
  const run = new Verification(db, blobs)
  try {
    for (const text of await checkIntegrity(path)) run.problem(`mail.db: ${text}`)
    db.exec('BEGIN')
    await run.accounts()
    await run.mailboxes()
    await run.emails()
    await run.outgoing()
    run.grants()
    await run.scripts()
    await run.bodies()
    db.exec('COMMIT')
    await run.files()
  } catch (cause) {
    run.problem(`mail.db cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  } finally {
    db.close()
  }
  return run.report()
}

class Verification {
  readonly #db: Database
  readonly #blobs: Blobs
  readonly #sql: ReturnType<typeof prepareVerifySql>
  readonly #counts = { accounts: 0, mailboxes: 0, messages: 0, bodies: 0, blobs: 0 }
  readonly #problems: string[] = []
  readonly #emailsOfBody = new Map<number, number>()

  constructor(db: Database, blobs: Blobs) {
    this.#db = db
    this.#blobs = blobs
    this.#sql = prepareVerifySql(db)
  }

  report(): VerifyReport {
    return { ...this.#counts, problems: this.#problems }
  }

  problem(text: string): void {
    if (this.#problems.length < mostProblems) this.#problems.push(text)
  }

  async accounts(): Promise<void> {
    await this.#inSteps(this.#sql.accounts, (account) => {
      this.#counts.accounts++
      const sums = this.#sql.accountSums.get(account.id)
      if (!sums) return
      const { used, messages, highest_modseq, highest_uidvalidity } = sums
      if (account.used !== used)
        this.problem(`account ${account.id} says ${account.used} octets used, its mailboxes hold ${used}`)
      if (account.messages !== messages) {
        this.problem(
          `account ${account.id} says ${account.messages} messages, its mailboxes hold ${messages}`,
        )
      }
      // Lower counters would give out again what clients know already.
      if (highest_modseq > account.modseq)
        this.problem(`account ${account.id} has modseq ${account.modseq}, a mailbox has ${highest_modseq}`)
      if (highest_uidvalidity >= account.next_uidvalidity)
        this.problem(`account ${account.id} would give uidvalidity ${account.next_uidvalidity} again`)
    })
  }

  async mailboxes(): Promise<void> {
    for (const id of this.#sql.mailboxesMissing.all())
      this.problem(`mailbox ${id} has messages and is not there`)
    for (const id of this.#sql.brokenKeywordSets.all()) this.problem(`keyword set ${id} cannot be read`)
    await this.#inSteps(this.#sql.mailboxes, (mailbox) => {
      this.#counts.mailboxes++
      if (!mailbox.owned) this.problem(`mailbox ${mailbox.id} belongs to no account`)
      this.#counts.messages += mailbox.messages
      const found = this.#sql.placementSums.get(flagBits['\\Seen'], flagBits['\\Deleted'], mailbox.id)
      if (!found) return
      for (const name of ['messages', 'unseen', 'deleted', 'bytes'] as const) {
        if (mailbox[name] !== found[name]) {
          this.problem(
            `mailbox ${mailbox.id} says ${name} ${mailbox[name]}, its messages make ${found[name]}`,
          )
        }
      }
      if (found.highest_uid >= mailbox.uidnext) {
        this.problem(`mailbox ${mailbox.id} has uid ${found.highest_uid}, its next uid is ${mailbox.uidnext}`)
      }
      if (found.highest_modseq > mailbox.modseq) {
        this.problem(
          `mailbox ${mailbox.id} has modseq ${found.highest_modseq}, above its own ${mailbox.modseq}`,
        )
      }
      this.#placements(mailbox.id)
    })
  }

  #placements(mailbox: number): void {
    for (const uid of this.#sql.placementsWithoutEmail.all(mailbox)) {
      this.problem(`mailbox ${mailbox} uid ${uid} has no email, or one of another size, date or account`)
    }
    for (const uid of this.#sql.placementsWithoutKeywords.all(mailbox, systemBits)) {
      this.problem(`mailbox ${mailbox} uid ${uid} has keywords that are not there`)
    }
  }

  async emails(): Promise<void> {
    await this.#inSteps(this.#sql.emails, (email: EmailRow) => {
      this.#emailsOfBody.set(email.body, (this.#emailsOfBody.get(email.body) ?? 0) + 1)
      if (email.held === 0) this.problem(`email ${email.id} is in no mailbox and not in the log`)
      if (email.body_size === null) this.problem(`email ${email.id} has no body`)
      else if (email.size !== email.body_size + email.prefix_size) {
        this.problem(
          `email ${email.id} says ${email.size} octets, its body and headers make ${email.body_size + email.prefix_size}`,
        )
      }
      if (!email.index_ok) this.problem(`email ${email.id} has a broken index row`)
    })
  }

  async outgoing(): Promise<void> {
    await this.#inSteps(this.#sql.outgoing, ({ id, body, size_ok, wanted }: OutgoingRow) => {
      this.#emailsOfBody.set(body, (this.#emailsOfBody.get(body) ?? 0) + 1)
      if (size_ok !== 1) this.problem(`outgoing message ${id} has no body, or one of another size`)
      if (wanted === 0) this.problem(`outgoing message ${id} has no recipient`)
    })
    for (const id of this.#sql.recipientsAlone.all())
      this.problem(`outgoing recipient ${id} belongs to no message`)
    for (const name of this.#sql.wrongDestinations.all())
      this.problem(`destination ${name} is not due when its first recipient is`)
  }

  grants(): void {
    for (const mailbox of this.#sql.strayGrants.all())
      this.problem(`a right to mailbox ${mailbox} outlived it, or is of another account`)
  }

  async scripts(): Promise<void> {
    await this.#inSteps(this.#sql.scripts, ({ id, size_ok, owned }: ScriptRow) => {
      if (size_ok !== 1) this.problem(`script ${id} is of another length than it says`)
      if (owned !== 1) this.problem(`script ${id} belongs to no account, or is not in its revision`)
    })
  }

  async bodies(): Promise<void> {
    for (let after = 0; ; ) {
      const rows = this.#sql.bodies.all(after, bodiesPerStep)
      for (const row of rows) await this.#body(row)
      const last = rows.at(-1)
      if (!last) return
      after = last.id
      await nextTurn()
    }
  }

  async files(): Promise<void> {
    const isKnown = knownBlobs(this.#db)
    for await (const names of this.#blobs.list()) {
      for (const blob of names) if (!isKnown(blob)) this.problem(`file ${blob} belongs to no message`)
    }
  }

  async #body(row: BodyRow): Promise<void> {
    this.#counts.bodies++
    const emails = this.#emailsOfBody.get(row.id) ?? 0
    if (row.refs !== emails) this.problem(`body ${row.id} counts ${row.refs} emails, there are ${emails}`)
    try {
      const { size, crc } = row.blob === null ? sumRow(row) : await this.#sumBlob(row, row.blob)
      if (size !== row.size) this.problem(`body ${row.id} has ${size} octets, it says ${row.size}`)
      else if (crc !== row.crc) this.problem(`body ${row.id} is not what was written: its checksum differs`)
    } catch (cause) {
      this.problem(`body ${row.id} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }

  async #sumBlob(row: BodyRow, blob: string): Promise<{ size: number; crc: number }> {
    this.#counts.blobs++
    const file = await this.#blobs.open(blob)
    const place = placeOf(row)
    let crc = 0
    let size = 0
    try {
      while (size < row.size) {
        const bytes = await readBlobRange(file, place, size, size + chunkBytes)
        if (bytes.length === 0) break
        crc = checksum(bytes, crc)
        size += bytes.length
      }
      const onDisk = (await file.stat()).size
      const expected = row.codec === 0 ? row.size : place.frames.reduce((sum, length) => sum + length, 0)
      if (onDisk !== expected) this.problem(`file ${blob} has ${onDisk} octets, expected ${expected}`)
    } finally {
      await file.close()
    }
    return { size, crc }
  }

  async #inSteps<Row extends { readonly id: number }>(
    page: { all(after: number, limit: number): Row[] },
    check: (row: Row) => void,
  ): Promise<void> {
    for (let after = 0; ; ) {
      const rows = page.all(after, rowsPerStep)
      for (const row of rows) check(row)
      const last = rows.at(-1)
      if (!last) return
      after = last.id
      await nextTurn()
    }
  }
}

function sumRow(row: BodyRow): { size: number; crc: number } {
  const pieces = rowBytes(placeOf(row), row.head, row.rest)
  return {
    size: pieces.reduce((sum, piece) => sum + piece.length, 0),
    crc: pieces.reduce((crc, piece) => checksum(piece, crc), 0),
  }
}

function placeOf({ size, codec, frames }: BodyRow) {
  return { size, codec, frames: frames ? unpackFrames(frames) : [] }
}
