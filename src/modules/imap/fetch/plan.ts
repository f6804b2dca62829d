import { formatImapUtcTime } from '../../../lib/mime/date.ts'
import type { MessageRow, ModSeq, PackedFlags, RowField, Uid } from '../../../ports/mail-store.ts'
import type { FlagTexts } from '../selected/flag-texts.ts'
import type { FetchArguments, FetchItem, SimpleItem } from '../wire/fetch-items.ts'
import { headerReader, listFieldReader } from './header-reader.ts'

/** Header items of one message that are shown in one go. */
const mostHeaders = 8

/** What is known of a message when it is shown. */
interface Shown {
  readonly uid: Uid
  readonly flags: PackedFlags
  readonly modSeq: ModSeq
  readonly row: MessageRow
}

/** Items that need octets of the message. */
export type OctetItem = Exclude<FetchItem, { kind: SimpleItem }>

export type SectionItem = Extract<OctetItem, { kind: 'section' }>

/** How an item is taken out of the header, or out of the short fields that are kept apart. */
interface HeaderItem {
  readonly label: string
  readonly read: (header: string) => string
  readonly pick: ((listFields: string) => string) | undefined
}

/** A FETCH made ready: what to ask of the store, and how each item is written. */
export interface FetchPlan {
  readonly fields: readonly RowField[]
  /** All items that need no octets, `UID 3 FLAGS (\Seen)`. */
  readonly text: (message: Shown) => string
  readonly octets: readonly OctetItem[]
  /** The same, where all are of the message's own header, and few. */
  readonly headers: readonly HeaderItem[] | undefined
  /** Nothing but the whole message is asked for. */
  readonly onlyWhole: SectionItem | undefined
  readonly showsFlags: boolean
  readonly showsUid: boolean
  readonly marksSeen: boolean
  readonly changedSince: ModSeq | undefined
}

type Writer = (message: Shown, flagTexts: FlagTexts) => string

const needs: Readonly<Partial<Record<SimpleItem, RowField>>> = {
  received: 'receivedAt',
  saved: 'savedAt',
  size: 'size',
  envelope: 'envelope',
  structure: 'structure',
  'basic-structure': 'basicStructure',
  'email-id': 'ids',
  'thread-id': 'ids',
  preview: 'preview',
}

const writers: Readonly<Record<SimpleItem, Writer>> = {
  uid: ({ uid }) => `UID ${uid}`,
  flags: ({ flags }, flagTexts) => `FLAGS ${flagTexts.text(flags)}`,
  modseq: ({ modSeq }) => `MODSEQ (${modSeq})`,
  received: ({ row }) => `INTERNALDATE "${formatImapUtcTime(row.receivedAt ?? 0)}"`,
  // RFC 8514 §4.2
  saved: ({ row }) => `SAVEDATE "${formatImapUtcTime(row.savedAt ?? 0)}"`,
  size: ({ row }) => `RFC822.SIZE ${row.size ?? 0}`,
  envelope: ({ row }) => `ENVELOPE ${row.envelope ?? 'NIL'}`,
  structure: ({ row }) => `BODYSTRUCTURE ${row.structure ?? 'NIL'}`,
  'basic-structure': ({ row }) => `BODY ${row.basicStructure ?? 'NIL'}`,
  'email-id': ({ row }) => `EMAILID (${row.ids?.emailId ?? ''})`,
  'thread-id': ({ row }) => (row.ids ? `THREADID (${row.ids.threadId})` : 'THREADID NIL'),
  preview: ({ row }) => `PREVIEW ${previewText(row.preview)}`,
}

export function planFetch(
  { items, changedSince }: FetchArguments,
  { showsUid, flagTexts }: { showsUid: boolean; flagTexts: FlagTexts },
): FetchPlan {
  const simple = new Set<SimpleItem>()
  // RFC 9051 §6.4.9: UID FETCH always shows the uid. RFC 7162 §3.1.4.1: CHANGEDSINCE asks for MODSEQ.
  if (showsUid) simple.add('uid')
  if (changedSince !== undefined) simple.add('modseq')
  const octets: OctetItem[] = []
  for (const item of items) {
    if (isOctetItem(item)) octets.push(item)
    else simple.add(item.kind)
  }
  const chosen = [...simple].map((kind) => writers[kind])
  return {
    fields: fieldsFor(simple, octets),
    text: (message) => {
      let text = ''
      for (const write of chosen)
        text += text === '' ? write(message, flagTexts) : ` ${write(message, flagTexts)}`
      return text
    },
    octets,
    headers: octets.length <= mostHeaders && octets.every(isOfHeader) ? octets.map(headerItem) : undefined,
    onlyWhole: octets.length === 1 && octets[0] && isWhole(octets[0]) ? octets[0] : undefined,
    showsFlags: simple.has('flags'),
    showsUid: simple.has('uid'),
    marksSeen: octets.some((item) => item.kind !== 'binary-size' && !item.peek),
    changedSince,
  }
}

function headerItem(item: SectionItem): HeaderItem {
  return { label: item.label, read: headerReader(item), pick: listFieldReader(item) }
}

/** A whole message, which needs no offsets. */
function isWhole(item: OctetItem): item is SectionItem {
  return item.kind === 'section' && item.part === '' && item.text === 'body' && item.partial === undefined
}

/** Of the message's own header, which the store keeps at hand. */
export function isOfHeader(item: OctetItem): item is SectionItem {
  return item.kind === 'section' && item.part === '' && item.text === 'header'
}

function isOctetItem(item: FetchItem): item is OctetItem {
  return item.kind === 'section' || item.kind === 'binary' || item.kind === 'binary-size'
}

function fieldsFor(simple: ReadonlySet<SimpleItem>, octets: readonly OctetItem[]): RowField[] {
  const fields = new Set<RowField>()
  for (const kind of simple) {
    const field = needs[kind]
    if (field) fields.add(field)
  }
  // What is in the header is found without it.
  if (!octets.every(isOfHeader)) fields.add('size')
  const allInList =
    octets.length <= mostHeaders && octets.every((item) => isOfHeader(item) && listFieldReader(item))
  for (const item of octets) {
    if (isOfHeader(item)) fields.add(allInList ? 'listFields' : 'header')
    else if (!isWhole(item)) fields.add('parts')
  }
  return [...fields]
}

/** RFC 8970 §3.2: an nstring in UTF-8; a literal carries it to any client. */
function previewText(preview: string | undefined): string {
  if (preview === undefined) return 'NIL'
  const bytes = Buffer.from(preview, 'utf8')
  return bytes.length === 0 ? '""' : `{${bytes.length}}\r\n${bytes.toString('latin1')}`
}
