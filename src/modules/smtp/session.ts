import type { Address } from '../../lib/address.ts'
import { Input } from '../../platform/wire/input.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Connection } from '../../ports/connection.ts'
import type { Origin } from '../../ports/intake.ts'
import type { Passage } from '../../ports/old-servers.ts'
import type { Log } from '../../ports/runtime.ts'
import { type Facts, nothingOffered, type Offered, offered, type Via } from './profile.ts'
import { type Reply, render } from './reply.ts'
import type { Server } from './server.ts'
import { authLineOctets } from './settings.ts'
import type { State, Transaction } from './transaction.ts'
import { Output } from './wire/output.ts'
import { Patience } from './wire/patience.ts'

export interface Hello {
  readonly verb: 'HELO' | 'EHLO' | 'LHLO'
  readonly name: string
  readonly offered: Offered
}

export interface Login {
  readonly account: AccountId
  readonly address: Address
}

/** One client, from greeting to goodbye: where it stands, and how to talk with it. */
export class Session {
  readonly server: Server
  readonly via: Via
  readonly patience: Patience
  readonly isTrusted: boolean
  connection: Connection
  input: Input
  output: Output
  hello: Hello | undefined
  login: Login | undefined
  transaction: Transaction | undefined
  errors = 0
  chores = 0
  messages = 0
  #log: Log | undefined
  failedLogins = 0
  /** The client is led to another server: nothing is said or heard here any more. */
  passage: Passage | undefined
  isClosing = false

  constructor(server: Server, via: Via, connection: Connection) {
    this.server = server
    this.via = via
    this.connection = connection
    this.patience = new Patience(server.clock, server.limits)
    this.isTrusted = server.trusted.has(connection.ip)
    this.input = new Input(connection.stream, this.patience)
    this.output = new Output(connection.stream, this.patience)
  }

  /** Most sessions have nothing to tell: made when the first one does. */
  get log(): Log {
    this.#log ??= this.server.log.with({ connection: this.connection.id, via: this.via })
    return this.#log
  }

  get state(): State {
    if (!this.hello) return 'fresh'
    if (!this.transaction) return 'ready'
    if (this.transaction.chunks || this.transaction.chunksFailed) return 'chunking'
    return this.transaction.recipients.length > 0 ? 'addressed' : 'open'
  }

  get facts(): Facts {
    const { settings, limits } = this.server
    return {
      via: this.via,
      connection: this.connection,
      sizeLimit: settings.messageSizeLimit,
      recipients: limits.recipients,
      messages: limits.messages,
      allowPlaintextAuth: settings.allowPlaintextAuth,
      offerScram: settings.offerScram,
      offerLess: settings.mayPassOn === true,
      now: this.server.clock.now(),
    }
  }

  get origin(): Origin {
    if (this.login) return { kind: 'submitted', account: this.login.account, login: this.login.address }
    return this.isTrusted && this.via === 'arriving' ? { kind: 'trusted' } : { kind: 'arrived' }
  }

  /** Introduces the client; a new EHLO forgets the transaction. RFC 5321 §4.1.4. */
  async greet(verb: Hello['verb'], name: string): Promise<Hello> {
    await this.forget()
    this.hello = { verb, name, offered: verb === 'HELO' ? nothingOffered : offered(this.facts) }
    return this.hello
  }

  /** Ends the transaction without a message. */
  async forget(): Promise<void> {
    const chunks = this.transaction?.chunks
    this.transaction = undefined
    await chunks?.abandon()
  }

  say(reply: Reply): void {
    this.output.add(render(reply))
    if (reply.closes) this.close()
  }

  /** Says something in the middle of a command and waits for the line that answers it; undefined when none comes. */
  async ask(reply: Reply): Promise<Buffer | 'too-long' | undefined> {
    this.say(reply)
    for (;;) {
      const line = this.input.takeLine(authLineOctets)
      if (line) return line.kind === 'line' ? line.bytes : 'too-long'
      if (!(await this.more())) return undefined
    }
  }

  /** Waits for more of the client, who first hears all that we have to say. False where nothing more will come. */
  async more(): Promise<boolean> {
    await this.output.flush()
    return this.input.more()
  }

  /** Goes over to TLS. What the client said before counts no more. RFC 3207 §4.2. */
  async startTls(goAhead: Reply): Promise<void> {
    // What came behind STARTTLS in clear text is dropped here, unread. RFC 3207 §6.
    this.input.release()
    this.say(goAhead)
    await this.output.flush()
    this.connection = await this.connection.startTls()
    this.input = new Input(this.connection.stream, this.patience)
    this.output = new Output(this.connection.stream, this.patience)
    this.hello = undefined
    this.login = undefined
  }

  /** Leads the client to another server, to the end; what it has said already goes along. */
  async passOn(passage: Passage, goAhead: Reply): Promise<void> {
    this.say(goAhead)
    await this.output.flush()
    this.passage = passage
    const early = this.input.takeRest()
    this.input.release()
    await passage.carry(this.connection.stream, early)
    this.passage = undefined
    this.close()
  }

  /** Says a last word, also to a client that is not listening. */
  leave(reply: Reply): void {
    if (this.isClosing) return
    this.output.add(render(reply))
    this.close()
    this.input.giveUp()
  }

  close(): void {
    this.isClosing = true
    this.output.close()
    // Reads on without keeping anything: closing over unread octets would make the client lose our last reply.
    this.input.release()
    this.connection.stream.resume()
  }
}
