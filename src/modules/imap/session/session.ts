import type { Address } from '../../../lib/address.ts'
import type { ConnectionCount } from '../../../platform/connection-count.ts'
import { DeflateStream } from '../../../platform/wire/deflate.ts'
import { Output } from '../../../platform/wire/output.ts'
import type { AccountId, Accounts } from '../../../ports/accounts.ts'
import type { Connection } from '../../../ports/connection.ts'
import type { CredentialVerifier, ScramVerifier } from '../../../ports/credentials.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { OldServers, Passage } from '../../../ports/old-servers.ts'
import type { Clock, Log, Meter, Stop } from '../../../ports/runtime.ts'
import type { Access } from '../access/access.ts'
import type { Opened } from '../access/opened.ts'
import { isReadOnly, type Right } from '../access/rights.ts'
import type { UrlKeys } from '../access/url-keys.ts'
import type { NewsRoom } from '../notify/account-news.ts'
import type { FlagTexts } from '../selected/flag-texts.ts'
import type { Followed } from '../selected/followed.ts'
import type { Images } from '../selected/images.ts'
import { Numbering } from '../selected/numbering.ts'
import type { Dialect } from '../wire/decoder.ts'
import { CommandReader } from '../wire/framing.ts'
import type { EventBits } from '../wire/notify-arguments.ts'

export interface ImapSettings {
  readonly hostname: string
  /** Lets people sign in without TLS: where something in front of us ends TLS. */
  readonly allowPlaintextAuth: boolean
  /** SCRAM knows passwords alone: of no use where only app tokens sign in. */
  readonly offerScram: boolean
  /** Capabilities, in capitals, that an account is not offered; `*` is everybody. */
  readonly switchedOff: readonly { readonly who: Address | '*'; readonly capability: string }[]
  readonly maxConnectionsPerUserAndIp: number
  /** Messages that one command works on at most. RFC 9738. */
  readonly messageLimit: number
  /** URL of the server that keeps scripts; empty where there is none. RFC 6785 */
  readonly scriptServer: string
  /** Octets of the largest message that APPEND takes. */
  readonly appendLimit: number
}

/** What all clients share. */
export interface Services {
  readonly accessOf: (account: AccountId) => Access<Right>
  readonly accounts: Accounts
  readonly bytes: MessageBytes
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly oldServers: Pick<OldServers, 'enter'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: ImapSettings
  readonly images: Images
  readonly flagTexts: FlagTexts
  readonly newsRoom: NewsRoom
  readonly urlKeys: UrlKeys
  readonly connections: ConnectionCount
}

/** RFC 9051 §3. */
export type State = 'greeted' | 'authenticated' | 'selected'

export interface User {
  readonly account: AccountId
  readonly address: Address
  readonly mail: Access<Right>
}

export interface Selected {
  at: Opened<'l' | 'r'>
  readonly numbering: Numbering
  /** Opened by EXAMINE. */
  readonly examined: boolean
  /** By EXAMINE, or because nothing more is allowed. */
  readOnly: boolean
  /** `$`, ascending. RFC 9051 §6.4.4.1. */
  saved: readonly Uid[]
  /** Searches with RETURN (UPDATE). */
  followed: Followed | undefined
  /** How many keyword sets the last FLAGS response covered. */
  toldKeywordSets: number
  /** Something was said of the rights of this mailbox, which is another's. */
  inDoubt: boolean
  readonly stopWatching: Stop
}

/** What ENABLE switched on, and what a client showed to understand. */
export interface Enabled {
  rev2: boolean
  utf8: boolean
  /** RFC 7162 §3.1: FETCH responses carry MODSEQ. */
  condstore: boolean
  /** RFC 7162 §3.2.3: VANISHED instead of EXPUNGE, and every FETCH response carries the uid. */
  qresync: boolean
  /** RFC 9586: no message has a number, to either side. */
  uidOnly: boolean
}

/** What the client asked to hear of unasked. RFC 5465. */
export interface Notify {
  /** Of the selected mailbox: `events`. */
  readonly bits: EventBits
  /** EXPUNGE waits for a command behind which numbers may shift. */
  readonly isDelayed: boolean
  /** Something happened elsewhere. */
  readonly hasNews: boolean
  /** Shows what the client wants to see of messages in the selected mailbox that it was told about. */
  showNew(): Promise<void>
  /** Tells of other mailboxes. */
  tell(): Promise<void>
  close(): void
}

const nothingEnabled: Enabled = { rev2: false, utf8: false, condstore: false, qresync: false, uidOnly: false }

/** One client: where it stands, and the two ends of its connection. */
export class Session {
  readonly services: Services
  enabled: Enabled = { ...nothingEnabled }
  /** Since when nobody is signed in. */
  strangerSince: number
  connection: Connection
  reader: CommandReader
  out: Output
  user: User | undefined
  selected: Selected | undefined
  failedLogins = 0
  /** What the client says it is. */
  client: string | undefined
  badCommands = 0
  /** Nothing is asked of the server: between commands, and in IDLE. */
  waiting = false
  /** Called at news for the selected mailbox while the client waits for it. */
  onNews: (() => void) | undefined
  lastHeardAt: number
  lastSaidAt: number
  /** How long the octets of the present command may take. */
  patienceSeconds = 0
  /** Set when the server wants this to end; said in BYE. */
  leaving: string | undefined
  /** Done once the tagged response has gone out: STARTTLS. */
  afterReply: (() => Promise<void>) | undefined
  /** Set by NOTIFY. */
  notify: Notify | undefined
  /** News are being said while the client says nothing; whatever else is said waits for the end of them. */
  telling: Promise<void> | undefined
  /** Of the command at work: ESEARCH names it. */
  tag = ''
  /** A command is at work that takes nothing from the client any more: since when, and how far it is. */
  atWork: { readonly since: number; done: number; total: number } | undefined
  /** The client is led to another server: nothing is said or heard here any more. */
  passage: Passage | undefined
  /** RFC 4978: said and heard through deflate. */
  compressed = false
  /** No more commands. */
  over = false

  constructor(connection: Connection, services: Services) {
    this.services = services
    this.connection = connection
    this.strangerSince = services.clock.now()
    this.lastHeardAt = this.strangerSince
    this.lastSaidAt = this.strangerSince
    this.out = new Output(connection.stream)
    this.reader = this.#readerOf(connection)
  }

  get state(): State {
    if (!this.user) return 'greeted'
    return this.selected ? 'selected' : 'authenticated'
  }

  get dialect(): Dialect {
    return { utf8Names: this.utf8Names }
  }

  get utf8Names(): boolean {
    return this.enabled.rev2 || this.enabled.utf8
  }

  get mayAuthenticate(): boolean {
    return this.connection.tls !== undefined || this.services.settings.allowPlaintextAuth
  }

  /** Both ends again, on the connection that TLS made; what was read and not used is forgotten. */
  async startTls(): Promise<void> {
    this.reader.detach()
    this.out.flush()
    this.out.detach()
    this.connection = await this.connection.startTls()
    this.out = new Output(this.connection.stream)
    this.reader = this.#readerOf(this.connection)
  }

  /** Both ends again, on a stream that compresses what goes and inflates what comes. */
  compress(): void {
    const below = this.connection
    const { id, ip, port, listener, tls, stream } = below
    const early = this.reader.detach()
    this.out.flush()
    this.out.detach()
    this.compressed = true
    this.connection = {
      id,
      ip,
      port,
      listener,
      tls,
      stream: new DeflateStream(stream, early),
      mayStartTls: false,
      startTls: () => Promise.reject(new Error('TLS goes below compression')),
      channelBinding: (type) => below.channelBinding(type),
    }
    this.out = new Output(this.connection.stream)
    this.reader = this.#readerOf(this.connection)
  }

  select(at: Opened<'l' | 'r'>, numbering: Numbering, examined: boolean): Selected {
    const selected = {
      at,
      numbering,
      examined,
      readOnly: examined || isReadOnly(at.rights),
      saved: [],
      followed: undefined,
      toldKeywordSets: numbering.image.keywordSets.size,
      // What was said before the watch began was not heard.
      inDoubt: at.isShared,
      stopWatching: at.isShared ? at.watchRights(() => this.#doubt()) : () => undefined,
    }
    this.selected = selected
    return selected
  }

  /** Undefined where the mailbox is gone. */
  async openNumbering(at: Opened<'r'>): Promise<Numbering | undefined> {
    const image = await this.services.images.open(at)
    return image ? new Numbering(image, () => this.onNews?.()) : undefined
  }

  unselect(): void {
    const selected = this.selected
    if (!selected) return
    this.selected = undefined
    selected.stopWatching()
    selected.followed?.close()
    selected.numbering.close()
    this.services.images.release(selected.at, selected.numbering.image)
  }

  #doubt(): void {
    if (!this.selected) return
    this.selected.inDoubt = true
    this.onNews?.()
  }

  tellProgress(done: number, total: number): void {
    if (!this.atWork) return
    this.atWork.done = done
    this.atWork.total = total
  }

  /** Nobody is signed in any more, and nothing is as they left it. RFC 8437 §3. */
  forgetUser(): void {
    const { user, connection, services } = this
    if (!user) return
    this.unselect()
    this.notify?.close()
    this.notify = undefined
    services.connections.leave(`${user.account} ${connection.ip}`)
    this.user = undefined
    this.enabled = { ...nothingEnabled }
    this.strangerSince = services.clock.now()
  }

  /** Ends it as soon as the command at work is done. */
  leave(why: string): void {
    this.leaving ??= why
    this.passage?.end()
    if (this.waiting) this.reader.stop()
  }

  /** Leads the client to another server, to the end; what it has said already goes along. */
  async passOn(passage: Passage): Promise<void> {
    const early = this.reader.detach()
    this.out.flush()
    this.out.detach()
    await passage.carry(this.connection.stream, early)
    this.over = true
  }

  /** Cuts the connection: what was promised cannot be kept. */
  abort(): void {
    this.over = true
    this.connection.stream.destroy()
  }

  flush(): void {
    this.lastSaidAt = this.services.clock.now()
    this.out.flush()
  }

  /** Waits for a slow client to read. */
  async ready(): Promise<void> {
    await this.out.ready(this.services.clock.now())
  }

  #readerOf(connection: Connection): CommandReader {
    return new CommandReader(connection.stream, this.services.clock, async () => {
      await this.telling
      // A client may wait for this line before it sends its literal.
      this.out.line('+ OK')
      this.flush()
    })
  }
}
