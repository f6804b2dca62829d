import type { Address } from '../../../lib/address.ts'
import { LineEnds } from '../../../platform/wire/line-ends.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Connection } from '../../../ports/connection.ts'
import { type Reply, render } from '../reply.ts'
import { CommandReader, type Incoming } from '../wire/command-reader.ts'
import { signedInLimits, strangerLimits } from './limits.ts'
import type { Services } from './services.ts'

/** RFC 5804 §2: commands are allowed in one of them, or in both. */
export type State = 'stranger' | 'signed in'

export interface SignedIn {
  readonly account: AccountId
  readonly address: Address
}

/** One client: where it stands, and the two ends of its connection. */
export class Session {
  readonly services: Services
  readonly ends: LineEnds
  reader: CommandReader
  user: SignedIn | undefined
  failedLogins = 0
  mistakes = 0
  strangerSince: number
  idleSince: number
  /** When a command began that is not at its end. */
  commandSince: number | undefined
  /** Done once the answer is written. */
  afterReply: (() => Promise<void>) | undefined
  /** The last word, when the server wants this to end. */
  leaving: Reply | undefined
  /** No more commands. */
  over = false

  constructor(connection: Connection, services: Services) {
    this.services = services
    this.ends = new LineEnds(connection, services.clock)
    this.strangerSince = services.clock.now()
    this.idleSince = this.strangerSince
    this.reader = new CommandReader(this.ends.input)
  }

  get connection(): Connection {
    return this.ends.connection
  }

  get out(): LineEnds['out'] {
    return this.ends.out
  }

  get state(): State {
    return this.user ? 'signed in' : 'stranger'
  }

  /** RFC 5804 §2.1: no passwords in clear text. */
  get mayAuthenticate(): boolean {
    return this.connection.tls !== undefined || this.services.settings.allowPlaintextAuth
  }

  get mayStartTls(): boolean {
    return this.ends.mayStartTls && !this.user
  }

  say(reply: Reply): void {
    this.out.text(render(reply))
  }

  /** The next whole command or answer; undefined when more must be waited for. */
  take(): Incoming | undefined {
    const { scriptBytes } = this.services.settings
    return this.reader.take(this.user ? signedInLimits(scriptBytes) : strangerLimits)
  }

  /** Something was said: the client has its time again. */
  heard(): void {
    this.idleSince = this.services.clock.now()
    this.commandSince = undefined
  }

  /** Waits for more of the client. False where nothing more will come. */
  async more(): Promise<boolean> {
    const { input } = this.ends
    await this.ends.flushed()
    if (this.reader.isWithin || input.hasUnread) this.commandSince ??= this.services.clock.now()
    return await input.more()
  }

  async startTls(): Promise<void> {
    await this.ends.startTls()
    this.reader = new CommandReader(this.ends.input)
  }

  /** False where this user has too many connections from there. */
  enter(user: SignedIn): boolean {
    if (!this.services.connections.tryEnter(this.#placeOf(user))) return false
    this.user = user
    return true
  }

  /** Nobody is signed in from now on. */
  exit(): void {
    if (this.user) this.services.connections.leave(this.#placeOf(this.user))
    this.user = undefined
    this.strangerSince = this.services.clock.now()
  }

  /** Ends it, with a word, as soon as the command at work is done. */
  leave(lastWord: Reply): void {
    this.leaving ??= lastWord
    if (this.ends.isWaiting) this.ends.giveUp()
  }

  /** Cuts the connection. */
  abort(): void {
    this.over = true
    this.ends.cut()
  }

  #placeOf({ account }: SignedIn): string {
    return `${account} ${this.connection.ip}`
  }
}
