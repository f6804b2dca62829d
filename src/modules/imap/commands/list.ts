import type { SpecialUse } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'
import type { Session } from '../session/session.ts'
import { type ListArguments, listArguments } from '../wire/list-arguments.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { sayRights } from './acl.ts'
import { type SignedIn, signedIn } from './command.ts'
import { type Entry, entriesOf, levelsAbove, namedBy } from './mailbox-tree.ts'
import { sayMetadata, shownOf } from './metadata.ts'
import { done, type Reply } from './replies.ts'
import { sayStatus } from './status.ts'

/** RFC 9051 §6.3.9, with everything of RFC 5258, RFC 5819 and RFC 6154. */
export const list = signedIn({
  needs: ['r'],
  parse: listArguments,
  run: async (context, args) => {
    const { session } = context
    // RFC 9051 §6.3.9: an empty pattern asks for the separator.
    if (!args.extended && args.patterns[0] === '') {
      session.out.line('* LIST (\\Noselect) "/" ""')
      return done()
    }
    const entries = await readEntries(context)
    if ('kind' in entries) return entries
    const named = await namedBy(
      args.patterns.map((pattern) => args.reference + pattern),
      entries,
    )
    const above = args.select.has('RECURSIVEMATCH') ? aboveHidden(entries, named, args) : undefined
    for (const entry of named) {
      const info = above?.has(entry.name) ?? false
      if (!isChosen(entry, args) && !info) continue
      sayEntry(session, entry, attributesOf(entry, args), info ? chosenInfo(args) : '')
      if (entry.at) await sayMore(context, entry.at, args)
    }
    return done()
  },
})

/** RFC 5819, RFC 8440, RFC 9590. */
async function sayMore(
  { session, mail }: SignedIn<'r'>,
  shown: Opened,
  { status, metadata, returns }: ListArguments,
): Promise<void> {
  if (returns.has('MYRIGHTS')) sayRights(session, shown)
  const at = mail.also(shown, 'r')
  // RFC 5819 §2: of what may not be read, there is none.
  if ('kind' in at) return
  if (status) await sayStatus(session, at, status)
  if (metadata)
    sayMetadata(session, at.name, shownOf(await at.annotations(), { entries: metadata, depth: 0 }))
}

/** RFC 3501 §6.3.9: subscribed names, and with `%` the levels above them. */
export const lsub = signedIn({
  needs: [],
  parse: (d) => ({ reference: d.sp().mailboxOrEmpty(), pattern: d.sp().listMailbox() }),
  run: async (context, { reference, pattern }) => {
    const entries = await readEntries(context)
    if ('kind' in entries) return entries
    const above = levelsAbove(pattern.endsWith('%') ? entries.filter((entry) => entry.subscribed) : [])
    for (const entry of await namedBy([reference + pattern], entries)) {
      if (!entry.subscribed && !above.has(entry.name)) continue
      const attributes = entry.subscribed && entry.at?.rights.has('r') ? '' : '\\Noselect'
      const name = mailboxNameOnWire.write(entry.name, context.session.utf8Names)
      context.session.out.line(`* LSUB (${attributes}) "/" ${name}`)
    }
    return done()
  },
})

async function readEntries({ mail }: SignedIn): Promise<Entry[] | Reply> {
  const [visible, subscriptions] = await Promise.all([mail.visible(), mail.subscriptions()])
  return 'kind' in visible ? visible : entriesOf(visible, subscriptions)
}

function isChosen(entry: Entry, { select }: ListArguments): boolean {
  if (select.has('SUBSCRIBED') && !entry.subscribed) return false
  if (select.has('SPECIAL-USE') && specialUseOf(entry) === undefined) return false
  // A subscription without a mailbox shows only where subscriptions are asked for.
  return entry.at !== undefined || entry.hasChildren || select.has('SUBSCRIBED')
}

/** RFC 5258 §3.5: a match stands for chosen ones below it that the pattern does not show. */
function aboveHidden(
  entries: readonly Entry[],
  named: readonly Entry[],
  args: ListArguments,
): ReadonlySet<string> {
  const shown = new Set(named)
  return levelsAbove(entries.filter((entry) => isChosen(entry, args) && !shown.has(entry)))
}

function chosenInfo({ select }: ListArguments): string {
  const names = ['SUBSCRIBED', 'SPECIAL-USE'].filter((name) =>
    select.has(name as 'SUBSCRIBED' | 'SPECIAL-USE'),
  )
  return ` ("CHILDINFO" (${names.map((name) => `"${name}"`).join(' ')}))`
}

function attributesOf(entry: Entry, { select, returns }: ListArguments): string[] {
  const { at, subscribed, hasChildren } = entry
  const attributes = [hasChildren ? '\\HasChildren' : '\\HasNoChildren']
  if (!at) attributes.unshift('\\NonExistent', '\\Noselect')
  // It is shown, but nothing in it.
  else if (!at.rights.has('r')) attributes.unshift('\\Noselect')
  if (subscribed && (select.has('SUBSCRIBED') || returns.has('SUBSCRIBED'))) attributes.push('\\Subscribed')
  // RFC 6154 §2: may be shown even to those who did not ask, and clients lean on it.
  const use = specialUseOf(entry)
  if (use) attributes.push(use)
  return attributes
}

/** What others use a mailbox for is not what this user does. */
function specialUseOf({ at }: Entry): SpecialUse | undefined {
  return at?.isShared ? undefined : at?.mailbox.specialUse
}

function sayEntry(session: Session, { name }: Entry, attributes: readonly string[], info: string): void {
  session.out.line(
    `* LIST (${attributes.join(' ')}) "/" ${mailboxNameOnWire.write(name, session.utf8Names)}${info}`,
  )
}
