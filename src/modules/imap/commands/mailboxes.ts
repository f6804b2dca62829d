import type { SpecialUse } from '../../../ports/mail-store.ts'
import type { Decoder } from '../wire/decoder.ts'
import { mailboxNameOnWire, nameFault, parentsOf } from '../wire/mailbox-name.ts'
import { type SignedIn, signedIn } from './command.ts'
import { done, later, no, type Reply, replies } from './replies.ts'

const specialUses: readonly SpecialUse[] = ['\\Archive', '\\Drafts', '\\Junk', '\\Sent', '\\Trash']

/** RFC 9051 §6.3.4; with a special use, RFC 6154 §3. */
export const create = signedIn({
  parse: (d) => ({ asked: d.sp().mailbox(), use: d.trySp() ? specialUse(d) : undefined }),
  run: async (context, { asked, use }) => {
    // A final separator only says that children will follow.
    const name = asked.replace(/\/$/, '')
    const fault = name === 'INBOX' ? undefined : nameFault(name)
    if (fault !== undefined) return no('CANNOT', fault)
    if (use === 'unknown') return no('USEATTR', 'This special use is not known here')
    for (const parent of parentsOf(name)) {
      const made = await context.store.createMailbox(context.account, parent)
      if (made.kind === 'limit') return replies.tooManyMailboxes
      if (made.kind === 'later') return later(made)
    }
    const made = await context.store.createMailbox(context.account, name, use)
    switch (made.kind) {
      case 'created':
        if (context.session.enabled.rev2 && name !== asked) tellRealName(context, asked, name)
        return done(`MAILBOXID (${made.mailbox.id})`)
      case 'exists':
        return replies.mailboxExists
      case 'limit':
        return replies.tooManyMailboxes
      case 'use-taken':
        return no('USEATTR', 'Another mailbox has this special use; delete that one first')
      case 'later':
        return later(made)
    }
  },
})

/** RFC 9051 §6.3.5. */
export const remove = signedIn({
  parse: (d) => d.sp().mailbox(),
  run: async (context, name) => {
    const { session, account, store } = context
    if (name === 'INBOX') return no('CANNOT', 'INBOX stays')
    const mailbox = await store.mailbox(account, name)
    if (!mailbox) return replies.noSuchMailbox
    if (session.selected?.mailbox.id === mailbox.id) {
      session.unselect()
      session.out.line('* OK [CLOSED] The selected mailbox goes')
    }
    const deleted = await store.deleteMailbox(account, name)
    switch (deleted.kind) {
      case 'deleted':
        return done()
      case 'missing':
        return replies.noSuchMailbox
      case 'refused':
        return no('CANNOT', 'This mailbox stays')
      case 'later':
        return later(deleted)
    }
  },
})

/** RFC 9051 §6.3.6. */
export const rename = signedIn({
  parse: (d) => ({ from: d.sp().mailbox(), to: d.sp().mailbox().replace(/\/$/, '') }),
  run: async ({ account, store }, { from, to }) => {
    const fault = nameFault(to)
    if (fault !== undefined) return no('CANNOT', fault)
    // INBOX stays where it is: its messages move, below it if one likes.
    if (from !== 'INBOX' && to.startsWith(`${from}/`))
      return no('CANNOT', 'A mailbox cannot move into itself')
    const renamed = await store.renameMailbox(account, from, to)
    switch (renamed.kind) {
      case 'renamed':
        return done()
      case 'missing':
        return replies.noSuchMailbox
      case 'exists':
        return replies.mailboxExists
      case 'limit':
        return replies.tooManyMailboxes
      case 'later':
        return later(renamed)
    }
  },
})

/** RFC 9051 §6.3.7: a name may be subscribed before there is a mailbox. */
export const subscribe = signedIn({
  parse: (d) => d.sp().mailbox(),
  run: async ({ account, store }, name) => {
    const fault = nameFault(name)
    return fault === undefined ? ended(await store.subscribe(account, name)) : no('CANNOT', fault)
  },
})

export const unsubscribe = signedIn({
  parse: (d) => d.sp().mailbox(),
  run: async ({ account, store }, name) => ended(await store.unsubscribe(account, name)),
})

function ended(outcome: Awaited<ReturnType<SignedIn['store']['subscribe']>>): Reply {
  switch (outcome.kind) {
    case 'done':
      return done()
    case 'limit':
      return no('LIMIT', 'Too many subscriptions; end some first')
    case 'later':
      return later(outcome)
  }
}

/** RFC 6154 §6: `(USE (\Sent))`. One use for a mailbox is all that is kept. */
function specialUse(d: Decoder): SpecialUse | 'unknown' | undefined {
  const [uses = []] = d.list(() => {
    if (!d.tryWord('USE')) d.fail('USE')
    return d.sp().flagList()
  })
  const [first] = uses
  if (first === undefined) return undefined
  const use = specialUses.find((known) => known.toLowerCase() === first.toLowerCase())
  return uses.length === 1 && use ? use : 'unknown'
}

/** RFC 9051 §6.3.4: the name was changed on the way. */
function tellRealName({ session }: SignedIn, asked: string, name: string): void {
  const [now, before] = [name, asked].map((each) => mailboxNameOnWire.write(each, session.utf8Names))
  session.out.line(`* LIST () "/" ${now} ("OLDNAME" (${before}))`)
}
