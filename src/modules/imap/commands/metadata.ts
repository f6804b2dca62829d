import type { Annotation } from '../../../ports/mail-store.ts'
import type { Access } from '../access/access.ts'
import type { Session } from '../session/session.ts'
import { mailboxNameOnWire } from '../wire/mailbox-name.ts'
import { type GetMetadata, getMetadata, setMetadata } from '../wire/metadata-arguments.ts'
import { signedIn } from './command.ts'
import { bad, done, later, no, ok, type Reply, replies } from './replies.ts'

/** Octets of a value. */
const longestValue = 16 * 1024

/** Names the script that waits for what happens in a mailbox, or in all that name none. RFC 6785 */
const scriptEntry = '/shared/imapsieve/script'

/** RFC 5464 §4.2. */
export const getMetadataOf = signedIn({
  needs: ['r'],
  parse: getMetadata,
  run: async (context, args) => {
    const at = args.mailbox === '' ? undefined : await context.mail.open(args.mailbox, 'r')
    if (at && 'kind' in at) return at
    if (!args.entries.every(isPrivateOrShared)) return notAnEntry
    const annotations = at ? await at.annotations() : await context.mail.notes()
    const asked = shownOf(annotations, args)
    const shown = asked.filter(({ value }) => value === undefined || value.length <= args.maxSize)
    sayMetadata(context.session, args.mailbox, shown)
    const longest = Math.max(...asked.map(({ value }) => value?.length ?? 0))
    // RFC 5464 §4.2.1.
    return longest > args.maxSize ? ok('Some are longer', `METADATA LONGENTRIES ${longest}`) : done()
  },
})

/** RFC 5464 §4.3. */
export const setMetadataOf = signedIn({
  needs: ['r', 'w'],
  parse: setMetadata,
  run: async (context, { mailbox, changes }) => {
    const at = mailbox === '' ? undefined : await context.mail.open(mailbox, 'r')
    if (at && 'kind' in at) return at
    if (!changes.every(({ entry }) => isPrivateOrShared(entry))) return notAnEntry
    const areForAll = changes.some(({ entry }) => entry.startsWith('/shared/') && entry !== scriptEntry)
    const setsScript = changes.some(({ entry }) => entry === scriptEntry)
    // A script acts for the owner of the mailbox, who alone says which. RFC 6785
    if (setsScript && at?.isShared) return replies.notAllowed
    // What all users of the server share is not for one of them to write.
    if (!at && areForAll) return no('NOPERM', 'Shared entries of the server are not to be changed')
    if (changes.some(({ value = '' }) => value.length > longestValue))
      return no(`METADATA MAXSIZE ${longestValue}`, 'The value is too long')
    const notes = changes.map(({ entry, value }) => ({
      name: entry,
      value: value === undefined ? undefined : Buffer.from(value, 'latin1'),
    }))
    if (!at) return written(await context.mail.note(notes))
    if (!areForAll && !setsScript) return written(await at.annotatePrivately(notes))
    const mine = context.mail.also(at, 'w')
    return 'kind' in mine ? mine : written(await mine.annotate(notes))
  },
})

function written(outcome: Awaited<ReturnType<Access['note']>>): Reply {
  switch (outcome.kind) {
    case 'done':
      return done()
    case 'missing':
      return replies.noSuchMailbox
    case 'too-many':
      return no('METADATA TOOMANY', 'Too many entries; remove some first')
    case 'later':
      return later(outcome)
  }
}

const notAnEntry: Reply = bad('Entries begin with /private/ or /shared/')

export function isPrivateOrShared(entry: string): boolean {
  return entry.startsWith('/private/') || entry.startsWith('/shared/')
}

type Shown = { readonly name: string; readonly value: Uint8Array | undefined }

/** The named entries, NIL where they have no value, and those below them as far as asked. */
export function shownOf(
  all: readonly Annotation[],
  { entries, depth }: Pick<GetMetadata, 'entries' | 'depth'>,
): Shown[] {
  // What has another name is the server's own.
  const annotations = all.filter(({ name }) => isPrivateOrShared(name))
  const values = new Map(annotations.map(({ name, value }) => [name, value]))
  const named = entries.map((name) => ({ name, value: values.get(name) }))
  if (depth === 0) return named
  const below = annotations.filter(({ name }) =>
    entries.some((entry) => {
      const rest = name.startsWith(`${entry}/`) ? name.slice(entry.length + 1) : undefined
      return rest !== undefined && (depth === 'infinity' || !rest.includes('/'))
    }),
  )
  const found = [...named.filter(({ value }) => value !== undefined), ...below]
  return [...new Map(found.map((each) => [each.name, each])).values()]
}

export function sayMetadata(session: Session, mailbox: string, shown: readonly Shown[]): void {
  if (shown.length === 0) return
  const name = mailbox === '' ? '""' : mailboxNameOnWire.write(mailbox, session.utf8Names)
  const entries = shown.map((each) => `${entryText(each.name)} ${valueText(each.value)}`)
  session.out.line(`* METADATA ${name} (${entries.join(' ')})`)
}

/** RFC 5464 §5: nstring or literal8. */
function valueText(value: Uint8Array | undefined): string {
  if (value === undefined) return 'NIL'
  const octets = Buffer.from(value).toString('latin1')
  if (/^[\x20-\x7e]{0,100}$/.test(octets)) return quoted(octets)
  return `${octets.includes('\0') ? '~' : ''}{${octets.length}}\r\n${octets}`
}

/** The name of an entry. */
export function entryText(name: string): string {
  return /^[!#$&'+,\-./0-9:;<=>?@A-Z^_`a-z|}~]+$/.test(name) ? name : quoted(name)
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
