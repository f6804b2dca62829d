import { systemFlag } from '../../../lib/flags.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { FlagScope } from '../../../ports/flag-scope.ts'
import type { ColumnName } from '../../../ports/mail-columns.ts'
import type { Grant, MailShares } from '../../../ports/mail-shares.ts'
import type {
  FlagChange,
  Mailbox,
  MailStore,
  ModSeq,
  NewMessage,
  RowField,
  Uid,
} from '../../../ports/mail-store.ts'
import type { MailboxEvents } from '../../../ports/mailbox-events.ts'
import type { ByteRange } from '../../../ports/message.ts'
import type { Stop } from '../../../ports/runtime.ts'
import type { TextSearch, WantedText } from '../../../ports/text-search.ts'
import { changeAndTell, tellArrived } from './events.ts'
import { everyRight, flagScope, type Right, type Rights } from './rights.ts'

type Method<Name extends keyof MailStore> = ReturnType<MailStore[Name]>

/** Where mail is kept, who may see it, and who waits for what is done with it. */
export interface Keeping {
  readonly store: MailStore
  readonly search: TextSearch
  readonly shares: MailShares
  readonly events: MailboxEvents
}

export interface Found {
  /** Whose mailbox it is. */
  readonly owner: AccountId
  /** Who looks at it. */
  readonly user: AccountId
  readonly mailbox: Mailbox
  /** As this user calls it. */
  readonly name: string
  readonly rights: Rights
}

/**
 * A mailbox that somebody may use, for what `R` names: the only way to its messages. `Access` alone makes one, after a look at
 * the rights; what takes a right says so in the type of its `this`, and does not compile without.
 */
export class Opened<in R extends Right = 'l'> {
  declare readonly proven: (right: R) => void
  readonly owner: AccountId
  readonly mailbox: Mailbox
  readonly name: string
  readonly rights: Rights
  readonly #user: AccountId
  readonly #keeping: Keeping

  constructor(keeping: Keeping, { owner, user, mailbox, name, rights }: Found) {
    this.owner = owner
    this.mailbox = mailbox
    this.name = name
    this.rights = rights
    this.#user = user
    this.#keeping = keeping
  }

  /** It is another's. */
  get isShared(): boolean {
    return this.owner !== this.#user
  }

  get #place() {
    return { owner: this.owner, user: this.#user, mailbox: this.mailbox.id }
  }

  get scope(): FlagScope {
    return flagScope(this.rights)
  }

  image(this: Opened<'r'>): Method<'image'> {
    return this.#keeping.store.image(this.owner, this.mailbox.id)
  }

  changesSince(this: Opened<'r'>, since: ModSeq): Method<'changesSince'> {
    return this.#keeping.store.changesSince(this.owner, this.mailbox.id, since)
  }

  rows(this: Opened<'r'>, uids: readonly Uid[], fields: readonly RowField[]): Method<'rows'> {
    return this.#keeping.store.rows(this.owner, this.mailbox.id, uids, fields)
  }

  column(this: Opened<'r'>, name: ColumnName, from: Uid, atMost?: number): Method<'column'> {
    return this.#keeping.store.column(this.owner, this.mailbox.id, name, from, atMost)
  }

  bytes(this: Opened<'r'>, uid: Uid, range?: ByteRange): Method<'bytes'> {
    return this.#keeping.store.bytes(this.owner, this.mailbox.id, uid, range)
  }

  bodies(this: Opened<'r'>, uids: readonly Uid[], maxBytes: number): Method<'bodies'> {
    return this.#keeping.store.bodies(this.owner, this.mailbox.id, uids, maxBytes)
  }

  /** What the index of words knows. */
  find(this: Opened<'r'>, wanted: WantedText): ReturnType<TextSearch['find']> {
    return this.#keeping.search.find(this.owner, this.mailbox.id, wanted)
  }

  /** Texts inside the documents that a message carries. */
  documents(this: Opened<'r'>, uid: Uid): ReturnType<TextSearch['documents']> {
    return this.#keeping.search.documents(this.owner, this.mailbox.id, uid)
  }

  /** Of the account that is charged for what is in it. */
  usage(this: Opened<'r'> | Opened<'i'>): Method<'usage'> {
    return this.#keeping.store.usage(this.owner)
  }

  /** Flags that the rights do not cover stay as they are. RFC 4314 §4. */
  changeFlags(this: Opened<'r'>, uids: readonly Uid[], change: FlagChange): Method<'changeFlags'> {
    const scoped = this.rights === everyRight ? change : { ...change, scope: this.scope }
    return changeAndTell(this.#keeping, this.#place, uids, scoped)
  }

  async append(this: Opened<'i'>, messages: readonly NewMessage[]): Method<'append'> {
    const { store, events } = this.#keeping
    const allowed = messages.map((message) => withAllowedFlags(message, this.scope))
    const appended = await store.append(this.owner, this.mailbox.id, allowed)
    if (appended.kind === 'appended') await tellArrived(events, this.#place, 'APPEND', appended.uids)
    return appended
  }

  async copyTo(this: Opened<'r'>, uids: readonly Uid[], to: Opened<'i'>): Method<'copy'> {
    const { store, events } = this.#keeping
    const copied = await store.copy(this.owner, this.mailbox.id, uids, targetOf(to))
    if (copied.kind === 'copied') await tellArrived(events, to.#place, 'COPY', copied.to)
    return copied
  }

  async moveTo(this: Opened<'r' | 't' | 'e'>, uids: readonly Uid[], to: Opened<'i'>): Method<'move'> {
    const { store, events } = this.#keeping
    const moved = await store.move(this.owner, this.mailbox.id, uids, targetOf(to))
    if (moved.kind === 'copied') await tellArrived(events, to.#place, 'COPY', moved.to)
    return moved
  }

  async replace(
    this: Opened<'r' | 't' | 'e'>,
    uid: Uid,
    to: Opened<'i'>,
    message: NewMessage,
  ): Method<'replace'> {
    const { store, events } = this.#keeping
    const allowed = withAllowedFlags(message, to.scope)
    const replaced = await store.replace(this.owner, this.mailbox.id, uid, targetOf(to), allowed)
    if (replaced.kind === 'replaced') await tellArrived(events, to.#place, 'APPEND', [replaced.uid])
    return replaced
  }

  expunge(this: Opened<'e'>, uids?: readonly Uid[]): Method<'expunge'> {
    return this.#keeping.store.expunge(this.owner, this.mailbox.id, uids)
  }

  delete(this: Opened<'x'>): Method<'deleteMailbox'> {
    return this.#keeping.store.deleteMailbox(this.owner, this.mailbox.name)
  }

  /** Everybody has private entries of their own; shared ones are the owner's. RFC 5464 §3. */
  async annotations(this: Opened<'r'>): Method<'annotations'> {
    const { store } = this.#keeping
    const ofOwner = await store.annotations(this.owner, this.mailbox.id)
    if (!this.isShared) return ofOwner
    const own = await store.annotations(this.#user, this.mailbox.id)
    return [...own, ...ofOwner.filter(({ name }) => name.startsWith('/shared/'))]
  }

  annotatePrivately(this: Opened<'r'>, changes: Parameters<MailStore['annotate']>[2]): Method<'annotate'> {
    return this.#keeping.store.annotate(this.#user, this.mailbox.id, changes)
  }

  /** Shared entries too. Of those of a guest, what is private may be done where the rest is refused. */
  async annotate(this: Opened<'r' | 'w'>, changes: Parameters<MailStore['annotate']>[2]): Method<'annotate'> {
    const { store } = this.#keeping
    if (!this.isShared) return await store.annotate(this.owner, this.mailbox.id, changes)
    const isForAll = ({ name }: { readonly name: string }) => name.startsWith('/shared/')
    const own = changes.filter((change) => !isForAll(change))
    const done = await store.annotate(this.#user, this.mailbox.id, own)
    if (done.kind !== 'done') return done
    return await store.annotate(this.owner, this.mailbox.id, changes.filter(isForAll))
  }

  grants(this: Opened<'a'>): ReturnType<MailShares['grants']> {
    return this.#keeping.shares.grants(this.owner, this.mailbox.id)
  }

  grant(
    this: Opened<'a'>,
    to: Pick<Grant, 'grantee' | 'negative'>,
    change: Parameters<MailShares['grant']>[3],
  ): ReturnType<MailShares['grant']> {
    return this.#keeping.shares.grant(this.owner, this.mailbox.id, to, change)
  }

  /** Calls back whenever the rights may be others, as far as the owner's mail is concerned. */
  watchRights(this: Opened<'r'>, onDoubt: () => void): Stop {
    return this.#keeping.store.watch(this.owner, ({ kind }) => {
      if (kind === 'mailboxes') onDoubt()
    })
  }
}

function targetOf({ owner, mailbox, scope }: Opened<'i'>) {
  return { owner, mailbox: mailbox.id, scope }
}

/** RFC 4314 §4: a message comes without those flags that its bringer may not set. */
function withAllowedFlags(message: NewMessage, { seen, deleted, others }: FlagScope): NewMessage {
  if (seen && deleted && others) return message
  const flags = message.flags.filter((flag) => {
    const system = systemFlag(flag)
    if (system === '\\Seen') return seen
    return system === '\\Deleted' ? deleted : others
  })
  return { ...message, flags }
}
