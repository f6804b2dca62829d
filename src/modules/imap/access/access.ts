import type { Address } from '../../../lib/address.ts'
import type { AccountId, Accounts } from '../../../ports/accounts.ts'
import type { SharedMailbox } from '../../../ports/mail-shares.ts'
import type { Annotation, Mailbox, MailStore, SpecialUse, Usage } from '../../../ports/mail-store.ts'
import { later, no, type Reply, replies } from '../commands/replies.ts'
import { parentsOf } from '../wire/mailbox-name.ts'
import { type Keeping, Opened } from './opened.ts'
import { isOthers, localName, othersName } from './others.ts'
import { everyRight, grantsFor, type Right, rightsOf } from './rights.ts'

export interface Reaching extends Keeping {
  readonly accounts: Accounts
}

/** Somebody who lets this user see something. */
interface Neighbour {
  readonly owner: AccountId
  readonly address: Address
  readonly mailboxes: readonly Opened<'l'>[]
}

/**
 * All mail that a user may reach: their own, and what others share with them. Every name becomes a mailbox here and nowhere else;
 * what is not shared does not exist. A command reaches for the rights that it names in the table, `N`, and for no others.
 */
export class Access<in N extends Right = never> {
  declare readonly permits: (right: N) => void
  readonly #user: AccountId
  readonly #reaching: Reaching

  constructor(user: AccountId, reaching: Reaching) {
    this.#user = user
    this.#reaching = reaching
  }

  /** The mailbox of this name, with the rights that are asked for. */
  async open<R extends N = never>(name: string, ...rights: readonly R[]): Promise<Opened<'l' | R> | Reply> {
    const found = await this.#find(name)
    if (!found) return replies.noSuchMailbox
    return 'kind' in found ? found : this.also(found, ...rights)
  }

  /** The same mailbox with more rights. */
  also<H extends Right, R extends N>(at: Opened<H>, ...rights: readonly R[]): Opened<H | R> | Reply {
    if (!rights.every((right) => at.rights.has(right))) return replies.notAllowed
    return at as unknown as Opened<H | R>
  }

  /** Everything that LIST may show, by name. */
  async visible(): Promise<readonly Opened<'l'>[] | Reply> {
    const own = await this.#reaching.store.mailboxes(this.#user)
    const neighbours = await this.#neighbours()
    if ('kind' in neighbours) return neighbours
    const names = new Set(own.map(({ name }) => name))
    const shared = neighbours.flatMap(({ mailboxes }) => mailboxes).filter(({ name }) => !names.has(name))
    return [...own.map((mailbox) => this.#own(mailbox)), ...shared]
  }

  /** All of one's own. */
  async own(): Promise<readonly Opened<'l' | 'r'>[]> {
    const own = await this.#reaching.store.mailboxes(this.#user)
    return own.map((mailbox) => this.#own(mailbox))
  }

  /** One's own, just read: the store looks whose it is at every use. */
  ofOwn(mailbox: Mailbox): Opened<'l' | 'r'> {
    return this.#own(mailbox)
  }

  subscriptions(): Promise<readonly string[]> {
    return this.#reaching.store.subscriptions(this.#user)
  }

  /** A name of one's own need not exist (RFC 9051 §6.3.7); of others only what is shown can be subscribed to. */
  async subscribe(name: string): Promise<Reply | Awaited<ReturnType<MailStore['subscribe']>>> {
    if (!isOthers(name)) return await this.#reaching.store.subscribe(this.#user, name)
    const at = await this.open(name)
    return 'kind' in at ? at : await this.#reaching.store.subscribe(this.#user, at.name)
  }

  unsubscribe(name: string): ReturnType<MailStore['unsubscribe']> {
    return this.#reaching.store.unsubscribe(this.#user, name)
  }

  async create(
    this: Access<'k'>,
    name: string,
    use: SpecialUse | undefined,
  ): Promise<Reply | Awaited<ReturnType<MailStore['createMailbox']>>> {
    const place = await this.#placeFor(name)
    if ('kind' in place) return place
    const { owner, local } = place
    // What a mailbox is for, its owner says.
    if (use && owner !== this.#user) return no('USEATTR', 'A special use is for mailboxes of your own')
    return await this.#reaching.store.createMailbox(owner, local, use)
  }

  /** Its children go with it, so they are asked for too. */
  async rename(
    this: Access<'x' | 'k'>,
    from: Opened<'x'>,
    to: string,
  ): Promise<Reply | Awaited<ReturnType<MailStore['renameMailbox']>>> {
    const place = await this.#placeFor(to)
    if ('kind' in place) return place
    if (place.owner !== from.owner) return no('CANNOT', 'A mailbox cannot move to another user; copy it')
    const { name } = from.mailbox
    if (from.isShared && name === 'INBOX') return no('CANNOT', 'INBOX stays')
    if (from.isShared && !(await this.#mayTakeAll(from.owner, `${name}/`))) return replies.notAllowed
    return await this.#reaching.store.renameMailbox(from.owner, name, place.local)
  }

  /** Of the account itself. */
  usage(): Promise<Usage> {
    return this.#reaching.store.usage(this.#user)
  }

  /** Of somebody who shares something that may be read. */
  async usageOf(this: Access<'r'>, root: string): Promise<Usage | undefined> {
    const neighbours = await this.#neighbours()
    if ('kind' in neighbours) return undefined
    const found = neighbours.find(({ address }) => othersName(address) === root)
    const at = found?.mailboxes.find(({ rights }) => rights.has('r'))
    return at && (await this.#reaching.store.usage(at.owner))
  }

  /** What is noted of all mail of the account. RFC 5464. */
  notes(): Promise<readonly Annotation[]> {
    return this.#reaching.store.annotations(this.#user, undefined)
  }

  note(changes: Parameters<MailStore['annotate']>[2]): ReturnType<MailStore['annotate']> {
    return this.#reaching.store.annotate(this.#user, undefined, changes)
  }

  /** The same mailbox with the rights of this moment; undefined where it may no longer be read. */
  async again(at: Opened<'l' | 'r'>): Promise<Opened<'l' | 'r'> | undefined> {
    const { store, shares } = this.#reaching
    const { owner, mailbox, name } = at
    const { active } = await store.usage(owner)
    const rights = rightsOf(grantsFor(this.#user, await shares.grants(owner, mailbox.id)))
    if (!active || !rights.has('l') || !rights.has('r')) return undefined
    return new Opened<'l' | 'r'>(this.#reaching, { owner, user: this.#user, mailbox, name, rights })
  }

  async #find(name: string): Promise<Opened | Reply | undefined> {
    const own = await this.#reaching.store.mailbox(this.#user, name)
    if (own) return this.#own(own)
    if (!isOthers(name)) return undefined
    const neighbours = await this.#neighbours(name)
    if ('kind' in neighbours) return neighbours
    for (const { address, mailboxes } of neighbours) {
      const local = localName(name, address)
      const found = mailboxes.find(({ mailbox }) => mailbox.name === local)
      if (found) return found
    }
    return undefined
  }

  /** Where a new name would be: in one's own mail, or below a mailbox of another that lets one create there. */
  async #placeFor(name: string): Promise<{ owner: AccountId; local: string } | Reply> {
    if (!isOthers(name)) return { owner: this.#user, local: name }
    const neighbours = await this.#neighbours(name)
    if ('kind' in neighbours) return neighbours
    for (const { owner, address, mailboxes } of neighbours) {
      const local = localName(name, address)
      if (local === undefined) continue
      const parent = await this.#nearest(owner, local)
      const above = mailboxes.find(({ mailbox }) => mailbox.name === parent)
      if (above?.rights.has('k')) return { owner, local }
    }
    // The same whoever and whatever is there.
    return replies.notAllowed
  }

  /** The lowest level above a name that is there. */
  async #nearest(owner: AccountId, local: string): Promise<string | undefined> {
    for (const parent of parentsOf(local).reverse()) {
      if (await this.#reaching.store.mailbox(owner, parent)) return parent
    }
    return undefined
  }

  async #mayTakeAll(owner: AccountId, prefix: string): Promise<boolean> {
    const { store, shares } = this.#reaching
    const below = (await store.mailboxes(owner)).filter(({ name }) => name.startsWith(prefix))
    for (const { id } of below) {
      const rights = rightsOf(grantsFor(this.#user, await shares.grants(owner, id)))
      if (!rights.has('x')) return false
    }
    return true
  }

  /** Those who let this user see something, by account; of these, those in whose mail `name` would be. */
  async #neighbours(name?: string): Promise<readonly Neighbour[] | Reply> {
    const { shares, accounts } = this.#reaching
    const neighbours: Neighbour[] = []
    for (const owner of await shares.sharers(this.#user)) {
      const found = await accounts.settings(owner)
      if (found.kind === 'later') return later(found)
      if (found.kind === 'unknown') continue
      const { address } = found
      if (name !== undefined && localName(name, address) === undefined) continue
      const shared = await shares.sharedWith(this.#user, owner)
      const mailboxes = shared.map((each) => this.#shared(each, address)).filter(isVisible)
      if (mailboxes.length > 0) neighbours.push({ owner, address, mailboxes })
    }
    return neighbours
  }

  #own(mailbox: Mailbox): Opened<Right> {
    const { name } = mailbox
    return new Opened<Right>(this.#reaching, {
      owner: this.#user,
      user: this.#user,
      mailbox,
      name,
      rights: everyRight,
    })
  }

  #shared({ owner, mailbox, grants }: SharedMailbox, address: Address): Opened {
    const name = othersName(address, mailbox.name)
    return new Opened(this.#reaching, { owner, user: this.#user, mailbox, name, rights: rightsOf(grants) })
  }
}

function isVisible({ rights }: Opened): boolean {
  return rights.has('l')
}
