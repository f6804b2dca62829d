import { LineEnds } from '../../../platform/wire/line-ends.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Connection } from '../../../ports/connection.ts'
import type { Passage } from '../../../ports/old-servers.ts'
import type { Maildrop } from '../maildrop/maildrop.ts'
import type { Language } from '../texts.ts'
import type { Services } from './services.ts'

/** RFC 1939 §3. UPDATE is QUIT at work. */
export type State = 'authorization' | 'transaction'

/** One client: where it stands, and the two ends of its connection. */
export class Session {
  readonly services: Services
  readonly connectedAt: number
  readonly ends: LineEnds
  /** What USER said. */
  name: string | undefined
  /** Whose maildrop is locked for this session. */
  holds: AccountId | undefined
  maildrop: Maildrop | undefined
  /** The client is led to another server: nothing is said or heard here any more. */
  passage: Passage | undefined
  /** RFC 6856 §2. */
  utf8 = false
  language: Language = 'en'
  failedLogins = 0
  mistakes = 0
  /** Since when the client has nothing more to wait for. */
  idleSince: number
  /** A response of several lines was begun and is not at its end. */
  midAnswer = false
  /** Set when the server wants this to end. */
  leaving: 'with a word' | 'silently' | undefined
  /** No more commands. */
  over = false

  constructor(connection: Connection, services: Services) {
    this.services = services
    this.ends = new LineEnds(connection, services.clock)
    this.connectedAt = services.clock.now()
    this.idleSince = this.connectedAt
  }

  get connection(): Connection {
    return this.ends.connection
  }

  get out(): LineEnds['out'] {
    return this.ends.out
  }

  get state(): State {
    return this.maildrop ? 'transaction' : 'authorization'
  }

  /** RFC 2595 §2.2, RFC 8314 §3. */
  get mayAuthenticate(): boolean {
    return this.connection.tls !== undefined || this.services.settings.allowPlaintextAuth
  }

  get mayStartTls(): boolean {
    return this.ends.mayStartTls && !this.maildrop
  }

  /** Something was said: the client has its time again. RFC 1939 §3. */
  heard(): void {
    this.idleSince = this.services.clock.now()
  }

  async startTls(): Promise<void> {
    await this.ends.startTls()
    // RFC 2595 §4: what was said before counts no more.
    this.name = undefined
    this.utf8 = false
    this.language = 'en'
  }

  /** Gives the maildrop back to others. */
  letGo(): void {
    this.maildrop?.ahead.forget()
    this.maildrop = undefined
    if (this.holds !== undefined) this.services.locks.giveBack(this.holds)
    this.holds = undefined
  }

  /** Ends it, with a word, as soon as the command at work is done. */
  leave(): void {
    this.leaving ??= 'with a word'
    this.passage?.end()
    if (this.ends.isWaiting) this.ends.giveUp()
  }

  /** Ends it without a word. */
  part(): void {
    this.leaving ??= 'silently'
    this.ends.giveUp()
  }

  /** Cuts the connection: what was promised cannot be kept. */
  abort(): void {
    this.over = true
    this.ends.cut()
  }
}
