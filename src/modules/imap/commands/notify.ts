import type { AccountId } from '../../../ports/accounts.ts'
import type { Opened } from '../access/opened.ts'
import type { AccountNews, Listed, MailboxNews } from '../notify/account-news.ts'
import { SharedNews } from '../notify/shared-news.ts'
import { ToldMailboxes } from '../notify/told-mailboxes.ts'
import type { Numbering } from '../selected/numbering.ts'
import type { Notify } from '../session/session.ts'
import type { StatusItem } from '../wire/list-arguments.ts'
import { mostFilterNames, namesIn } from '../wire/mailbox-filter.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import {
  type EventBits,
  type EventGroup,
  events,
  notifyArguments,
  type SelectedEvents,
} from '../wire/notify-arguments.ts'
import { type SignedIn, signedIn } from './command.ts'
import { showUnasked } from './fetch.ts'
import { entryText, isPrivateOrShared } from './metadata.ts'
import { done, no } from './replies.ts'
import { sayStatus } from './status.ts'

const nothingSelected: SelectedEvents = { bits: 0, isDelayed: false, shown: [] }

/** RFC 5465 §3. */
export const notify = signedIn({
  needs: ['r'],
  parse: notifyArguments,
  run: async (context, args) => {
    const { session } = context
    if (args.kind === 'none') {
      replaceBy(context, new Notifying(context, nothingSelected, []))
      return done()
    }
    // RFC 5465 §5: with the events that are known.
    if (args.unknown.length > 0)
      return no(`BADEVENT (${Object.keys(events).join(' ')})`, 'Some events are not known here')
    if (namesIn(args.groups.map(({ filter }) => filter)) > mostFilterNames)
      return no('NOTIFICATIONOVERFLOW', `At most ${mostFilterNames} mailboxes can be named`)
    const { selected = nothingSelected, groups } = args
    if (selected.shown.some(({ kind }) => kind === 'modseq')) session.enabled.condstore = true
    const notifying = new Notifying(context, selected, groups)
    replaceBy(context, notifying)
    await notifying.begin(args.status)
    return done()
  },
})

function replaceBy({ session }: SignedIn<'r'>, notifying: Notifying): void {
  session.notify?.close()
  session.notify = notifying
}

/** Where news of mailboxes that are not selected come from. */
interface Elsewhere {
  readonly account: AccountId
  readonly own: AccountNews
  /** Undefined where only one's own were asked for. */
  readonly shared: SharedNews | undefined
  readonly told: ToldMailboxes
}

/** What one client asked for, from NOTIFY to the next one. */
class Notifying implements Notify {
  readonly bits: EventBits
  readonly isDelayed: boolean
  readonly #context: SignedIn<'r'>
  readonly #selected: SelectedEvents
  /** Undefined where nothing is asked of other mailboxes. */
  readonly #elsewhere: Elsewhere | undefined
  /** Up to where messages were shown, in the mailbox that is selected since. */
  #shown: { readonly numbering: Numbering; upTo: number } | undefined

  constructor(context: SignedIn<'r'>, selected: SelectedEvents, groups: readonly EventGroup[]) {
    const { session } = context
    this.bits = selected.bits
    this.isDelayed = selected.isDelayed
    this.#context = context
    this.#selected = selected
    const numbering = session.selected?.numbering
    this.#shown = numbering && { numbering, upTo: numbering.knownUid }
    if (groups.length === 0 || !session.user) return
    const { account } = session.user
    const room = session.services.newsRoom
    const told: ToldMailboxes = new ToldMailboxes(groups, {
      listed: (id) => own.listed(id) ?? shared?.listed(id),
      isSelected: (id) => session.selected?.at.mailbox.id === id,
      onNews: () => session.onNews?.(),
    })
    const own = room.join(account, told)
    const namesOthers = groups.some(({ filter: { kind } }) => kind !== 'personal' && kind !== 'inboxes')
    const shared = namesOthers ? new SharedNews({ mail: context.mail, account, room }, told) : undefined
    this.#elsewhere = { account, own, shared, told }
  }

  get hasNews(): boolean {
    return this.#elsewhere?.told.hasNews ?? false
  }

  close(): void {
    if (!this.#elsewhere) return
    const { account, shared, told } = this.#elsewhere
    shared?.close()
    this.#context.session.services.newsRoom.leave(account, told)
  }

  /** Hears of everything from here on. RFC 5465 §3.1: with STATUS, tells how the mailboxes are now. */
  async begin(withStatus: boolean): Promise<void> {
    if (!this.#elsewhere) return
    const { own, shared, told } = this.#elsewhere
    await own.settled()
    await shared?.settled()
    if (!withStatus) return
    told.take()
    const { session } = this.#context
    const ids = [...own.mailboxes].map(({ id }) => id)
    for (const id of [...ids, ...(shared?.mailboxes ?? [])]) {
      if (told.wanted(id) === 0) continue
      const other = shared?.listed(id)
      if (other?.isUnreadable) this.#sayListed(other)
      else await this.#sayRow(id)
      if (session.out.full) await session.ready()
    }
  }

  async showNew(): Promise<void> {
    const { session } = this.#context
    const { selected } = session
    if (!selected || this.#selected.shown.length === 0) return
    const { numbering } = selected
    if (this.#shown?.numbering !== numbering) this.#shown = { numbering, upTo: numbering.openedUid }
    const { upTo } = this.#shown
    this.#shown.upTo = numbering.knownUid
    if (upTo < numbering.knownUid)
      await showUnasked(
        { ...this.#context, selected },
        this.#selected.shown,
        numbering.uidsBetween(upTo + 1, numbering.knownUid),
      )
  }

  async tell(): Promise<void> {
    const { session } = this.#context
    if (!this.#elsewhere) return
    const { told } = this.#elsewhere
    if (told.hasMissed) {
      // RFC 5465 §5.8: as if it had said NOTIFY NONE.
      replaceBy(this.#context, new Notifying(this.#context, nothingSelected, []))
      session.out.line('* OK [NOTIFICATIONOVERFLOW] Too much happened; look again')
      return
    }
    const { touched, news } = told.take()
    for (const each of news) this.#say(each)
    for (const id of touched) {
      await this.#sayRow(id)
      if (session.out.full) await session.ready()
    }
  }

  /** RFC 5465 §5.1 to §5.4: STATUS of a mailbox that is not selected. */
  async #sayRow(id: number): Promise<void> {
    const { session } = this.#context
    const at = session.selected?.at.mailbox.id === id ? undefined : await this.#opened(id)
    if (!at) return
    const items: StatusItem[] = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN']
    if (session.enabled.condstore) items.push('HIGHESTMODSEQ')
    await sayStatus(session, at, items)
  }

  /** One's own is read once for all who ask; of another's the rights are looked at each time. */
  async #opened(id: number): Promise<Opened<'r'> | undefined> {
    const row = await this.#elsewhere?.own.row(id)
    if (row) return this.#context.mail.ofOwn(row)
    const shared = this.#elsewhere?.shared?.listed(id)
    const at = shared && (await this.#context.mail.open(shared.name, 'r'))
    return at && !('kind' in at) && at.mailbox.id === id ? at : undefined
  }

  #say(news: MailboxNews): void {
    if (news.kind === 'name') this.#sayListed(news.listed, news.oldName)
    else if (news.kind === 'subscription') this.#sayListed(news.listed)
    else {
      // RFC 5464 §4.4.2: the names alone; who wants the values asks for them.
      const names = news.names.filter(isPrivateOrShared)
      if (names.length === 0) return
      const name = news.listed ? this.#onWire(news.listed.name) : '""'
      this.#context.session.out.line(`* METADATA ${name} ${names.map(entryText).join(' ')}`)
    }
  }

  #sayListed({ name, exists, subscribed, isUnreadable }: Listed, oldName?: string): void {
    const isThere = exists || (this.#elsewhere?.shared?.hasName(name) ?? false)
    const attributes = [
      ...(isThere ? [] : ['\\NonExistent']),
      // RFC 5465 has this attribute for it.
      ...(isThere && isUnreadable ? ['\\NoAccess'] : []),
      ...(subscribed ? ['\\Subscribed'] : []),
    ]
    const old = oldName === undefined ? '' : ` ("OLDNAME" (${this.#onWire(oldName)}))`
    this.#context.session.out.line(`* LIST (${attributes.join(' ')}) "/" ${this.#onWire(name)}${old}`)
  }

  #onWire(name: string): string {
    return mailboxNameOnWire.write(name, this.#context.session.utf8Names)
  }
}
