import type { Uid } from '../../../ports/mail-store.ts'
import type { Opened } from '../access/opened.ts'
import { exceeds, type Naming, resolveSet } from '../selected/resolve.ts'
import type { Session } from '../session/session.ts'
import { replaceArguments } from '../wire/append-arguments.ts'
import type { Decoder } from '../wire/decoder.ts'
import type { Literal } from '../wire/framing.ts'
import type { SequenceSet } from '../wire/sequence-set.ts'
import { begin, pieceOf } from './append.ts'
import { type Command, inMailbox, signedInOf } from './command.ts'
import { bad, done, later, no, type Reply, replies } from './replies.ts'
import { type Piece, takeIn, type Upload } from './upload.ts'

const gone = no('NONEXISTENT', 'The message to be replaced is gone')

/** Of messages that are here already (RFC 4469). All others come by `replaceMessage`. */
export const replace = made('number', { usesSequenceNumbers: true, shiftsSequence: 'always' })
export const uidReplace = made('uid', { shiftsSequence: 'always' })

function made(naming: Naming, hazards: Partial<Command['hazards']>): Command {
  return inMailbox({
    needs: ['t', 'e', 'i'],
    hazards,
    parse: (d) => ({ ...replaceArguments(d), piece: pieceOf(d, undefined) }),
    run: async ({ session }, args) => {
      const reply = await replaceBy(session, args, naming)
      return reply === 'gone' ? bad('Gone') : reply
    },
  })
}

interface Replacement extends Upload {
  readonly old: Uid
  readonly from: Opened<'r' | 't' | 'e'>
}

/** RFC 8508: the new message comes and the old one goes in one step, or nothing happens. */
export async function replaceMessage(
  session: Session,
  d: Decoder,
  literal: Literal,
  naming: Naming,
): Promise<Reply | 'gone'> {
  return await replaceBy(session, { ...replaceArguments(d), piece: pieceOf(d, literal) }, naming)
}

async function replaceBy(
  session: Session,
  { old, mailbox, piece }: { old: SequenceSet; mailbox: string; piece: Piece },
  naming: Naming,
): Promise<Reply | 'gone'> {
  const replacement = await beginReplacement(session, old, mailbox, naming)
  return await takeIn(session, replacement, piece, (complete) => commit(session, complete))
}

/** What can be refused is refused before the client sends the message. RFC 8508 §3.3. */
async function beginReplacement(
  session: Session,
  set: SequenceSet,
  mailbox: string,
  naming: Naming,
): Promise<Replacement | Reply> {
  const { selected } = session
  const context = signedInOf<'t' | 'e'>(session)
  if (!selected || !context) return bad('Select a mailbox first')
  if (selected.readOnly) return replies.readOnly
  const from = context.mail.also(selected.at, 't', 'e')
  if ('kind' in from) return from
  if (naming === 'number' && exceeds(selected, set)) return bad('No such message')
  const [old] = resolveSet(selected, set, naming)
  if (old === undefined) return gone
  const upload = await begin(session, mailbox)
  if ('kind' in upload) return upload
  const [row] = await from.rows([old], ['size'])
  if (!row) return gone
  // What goes makes room, where both are kept by one account.
  const freed = upload.to.owner === from.owner ? (row.size ?? 0) : 0
  const room = upload.room === undefined ? undefined : upload.room + freed
  return { ...upload, most: 1, room, old, from }
}

async function commit(session: Session, { from, old, to, messages }: Replacement): Promise<Reply> {
  const [message] = messages
  if (!message) return bad('Expected a message')
  const replaced = await from.replace(old, to, message)
  switch (replaced.kind) {
    case 'replaced':
      // RFC 8508 §3.3: the code comes before the EXPUNGE.
      session.out.line(`* OK [APPENDUID ${replaced.uidValidity} ${replaced.uid}] Replaced`)
      return done()
    case 'missing':
      return gone
    case 'missing-target':
      return replies.noSuchTarget
    case 'over-quota':
      return replies.overQuota
    case 'later':
      return later(replaced)
  }
}
