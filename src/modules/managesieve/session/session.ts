import type { Address } from '../../../lib/address.ts'
import { Input } from '../../../platform/wire/input.ts'
import { Output } from '../../../platform/wire/output.ts'
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
  connection: Connection
  input: Input
  reader: CommandReader
  out: Output
  user: SignedIn | undefined
  failedLogins = 0
  mistakes = 0
  strangerSince: number
  idleSince: number
  /** When a command began that is not at its end. */
  commandSince: number | undefined
  isWaiting = false
  /** Done once the answer is written. */
  afterReply: (() => Promise<void>) | undefined
  /** The last word, when the server wants this to end. */
  leaving: Reply | undefined
  /** No more commands. */
  over = false

  constructor(connection: Connection, services: Services) {
    this.services = services
    this.connection = connection
    this.strangerSince = services.clock.now()
    this.idleSince = this.strangerSince
    this.input = this.#inputOf(connection)
    this.reader = new CommandReader(this.input)
    this.out = new Output(connection.stream)
  }

  get state(): State {
    return this.user ? 'signed in' : 'stranger'
  }

  /** RFC 5804 §2.1: no passwords in clear text. */
  get mayAuthenticate(): boolean {
    return this.connection.tls !== undefined || this.services.settings.allowPlaintextAuth
  }

  get mayStartTls(): boolean {
    return this.connection.mayStartTls && this.connection.tls === undefined && !this.user
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

  /** Waits for more of the client, who first hears all that we have to say. False where nothing more will come. */
  async more(): Promise<boolean> {
    this.out.flush()
    await this.ready()
    if (this.reader.isWithin || this.input.hasUnread) this.commandSince ??= this.services.clock.now()
    return await this.input.more()
  }

  /** Waits for a slow client to read. */
  async ready(): Promise<void> {
    await this.out.ready(this.services.clock.now())
  }

  /** Both ends again, on the connection that TLS made. What came in clear text behind the command is dropped, unread. */
  async startTls(): Promise<void> {
    this.input.release()
    this.out.flush()
    this.out.detach()
    this.connection = await this.connection.startTls()
    this.input = this.#inputOf(this.connection)
    this.reader = new CommandReader(this.input)
    this.out = new Output(this.connection.stream)
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
    if (this.isWaiting) this.input.giveUp()
  }

  /** Cuts the connection. */
  abort(): void {
    this.over = true
    this.connection.stream.destroy()
  }

  #placeOf({ account }: SignedIn): string {
    return `${account} ${this.connection.ip}`
  }

  #inputOf({ stream }: Connection): Input {
    // Nothing depends on where two servers see the end of a line; people type into it by hand.
    return new Input(
      stream,
      {
        waits: () => {
          this.isWaiting = true
        },
        goesOn: () => {
          this.isWaiting = false
        },
        received: () => undefined,
      },
      'crlf-or-lf',
    )
  }
}
