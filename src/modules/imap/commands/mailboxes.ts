import type { SpecialUse } from '../../../ports/mail-store.ts'
import type { Access } from '../access/access.ts'
import type { Decoder } from '../wire/decoder.ts'
import { mailboxNameOnWire, nameFault } from '../wire/mailbox-name.ts'
import { type SignedIn, signedIn } from './command.ts'
import { done, later, no, type Reply, replies } from './replies.ts'

const specialUses: readonly SpecialUse[] = ['\\Archive', '\\Drafts', '\\Junk', '\\Sent', '\\Trash']

/** RFC 9051 §6.3.4; with a special use, RFC 6154 §3. */
export const create = signedIn({
  needs: ['k'],
  parse: (d) => ({ asked: d.sp().mailbox(), use: d.trySp() ? specialUse(d) : undefined }),
  run: async (context, { asked, use }) => {
    // A final separator only says that children will follow.
    const name = asked.replace(/\/$/, '')
    const fault = name === 'INBOX' ? undefined : nameFault(name)
    if (fault !== undefined) return no('CANNOT', fault)
    if (use === 'unknown') return no('USEATTR', 'This special use is not known here')
    const made = await context.mail.create(name, use)
    if ('code' in made) return made
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
  needs: ['x'],
  parse: (d) => d.sp().mailbox(),
  run: async (context, name) => {
    const { session, mail } = context
    const at = await mail.open(name, 'x')
    if ('kind' in at) return at
    if (at.mailbox.name === 'INBOX') return no('CANNOT', 'INBOX stays')
    if (session.selected?.at.mailbox.id === at.mailbox.id) {
      session.unselect()
      session.out.line('* OK [CLOSED] The selected mailbox goes')
    }
    const deleted = await at.delete()
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
  needs: ['x', 'k'],
  parse: (d) => ({ from: d.sp().mailbox(), to: d.sp().mailbox().replace(/\/$/, '') }),
  run: async ({ mail }, { from, to }) => {
    const fault = nameFault(to)
    if (fault !== undefined) return no('CANNOT', fault)
    // INBOX stays where it is: its messages move, below it if one likes.
    if (from !== 'INBOX' && to.startsWith(`${from}/`))
      return no('CANNOT', 'A mailbox cannot move into itself')
    const at = await mail.open(from, 'x')
    if ('kind' in at) return at
    const renamed = await mail.rename(at, to)
    if ('code' in renamed) return renamed
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
  needs: [],
  parse: (d) => d.sp().mailbox(),
  run: async ({ mail }, name) => {
    const fault = nameFault(name)
    return fault === undefined ? ended(await mail.subscribe(name)) : no('CANNOT', fault)
  },
})

export const unsubscribe = signedIn({
  needs: [],
  parse: (d) => d.sp().mailbox(),
  run: async ({ mail }, name) => ended(await mail.unsubscribe(name)),
})

function ended(outcome: Awaited<ReturnType<Access['subscribe']>>): Reply {
  if ('code' in outcome) return outcome
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
