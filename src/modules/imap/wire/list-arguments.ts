import type { Decoder } from './decoder.ts'
import { entryNames } from './metadata-arguments.ts'

/** RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154, RFC 8440. */
export interface ListArguments {
  readonly reference: string
  readonly patterns: readonly string[]
  readonly select: ReadonlySet<SelectOption>
  readonly returns: ReadonlySet<ReturnOption>
  /** RETURN (STATUS (…)). */
  readonly status: readonly StatusItem[] | undefined
  /** RETURN (METADATA (…)): names of entries. RFC 9590. */
  readonly metadata: readonly string[] | undefined
  /** Written the extended way: matches may come with CHILDINFO. */
  readonly extended: boolean
}

type SelectOption = 'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE'
type ReturnOption = 'SUBSCRIBED' | 'CHILDREN' | 'SPECIAL-USE' | 'MYRIGHTS'

const selectOptions: readonly string[] = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']
const returnOptions: readonly string[] = ['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'MYRIGHTS']

/** Of several patterns: each is tried on each name. */
const mostPatternOctets = 8192

export type StatusItem = (typeof statusItems)[number]

const statusItems = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'DELETED-STORAGE',
  'SIZE',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
] as const

export function listArguments(d: Decoder): ListArguments {
  const select = d.sp().peek() === '(' ? optionsOf<SelectOption>(d, selectOptions) : undefined
  if (select) d.sp()
  // RFC 5258 §3.1: recursion follows another option.
  if (select?.has('RECURSIVEMATCH') && !select.has('SUBSCRIBED') && !select.has('SPECIAL-USE'))
    d.fail('a select option')
  const reference = d.mailboxOrEmpty()
  const several = d.sp().peek() === '('
  const patterns = several ? d.listOfSome(() => d.listMailbox()) : [d.listMailbox()]
  if (several && (reference.length + 1) * patterns.length + patterns.join('').length > mostPatternOctets)
    d.fail(`patterns of at most ${mostPatternOctets} octets`)
  const wished = d.trySp() ? returnsOf(d) : undefined
  return {
    reference,
    patterns,
    select: select ?? new Set(),
    returns: wished?.options ?? new Set(),
    status: wished?.status,
    metadata: wished?.metadata,
    extended: select !== undefined || several || wished !== undefined,
  }
}

function optionsOf<T extends string>(d: Decoder, known: readonly string[]): Set<T> {
  return new Set(
    d.list(() => {
      const name = d.keyword()
      return known.includes(name) ? (name as T) : d.fail('list option')
    }),
  )
}

interface Wished {
  readonly options: Set<ReturnOption>
  readonly status: readonly StatusItem[] | undefined
  readonly metadata: readonly string[] | undefined
}

function returnsOf(d: Decoder): Wished {
  if (!d.tryWord('RETURN')) d.fail('RETURN')
  const options = new Set<ReturnOption>()
  let status: readonly StatusItem[] | undefined
  let metadata: readonly string[] | undefined
  d.sp().list(() => {
    const name = d.keyword()
    if (name === 'STATUS') status = statusList(d.sp())
    else if (name === 'METADATA') metadata = entryNames(d.sp())
    else if (returnOptions.includes(name)) options.add(name as ReturnOption)
    else d.fail('list return option')
  })
  return { options, status, metadata }
}

export function statusList(d: Decoder): StatusItem[] {
  const items = d.listOfSome(() => {
    const name = d.keyword('status-att')
    return statusItems.find((item) => item === name) ?? d.fail('status-att')
  })
  return [...new Set(items)]
}
