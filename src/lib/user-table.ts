import { type Address, parseAddress } from './address.ts'
import { type CsvRecord, csvLine, fromCell, parseCsv } from './csv.ts'
import { parseRate, type Rate, rateText } from './rate-text.ts'
import { parseSize, sizeText } from './typed-size.ts'

/** What a table may say of a user. Empty is not said: a new user has the standard, an old one what he had. */
export interface TableUser {
  readonly displayedName: string
  readonly quotaBytes: number
  readonly enabled: boolean
  readonly enableImap: boolean
  readonly enablePop: boolean
  readonly allowSpoofing: boolean
  readonly forwardDestination: readonly Address[]
  readonly forwardEnabled: boolean
  readonly forwardKeep: boolean
  readonly mustChangePassword: boolean
  readonly timeZone: string
  readonly messageRate: 'standard' | 'unlimited' | Rate
  readonly globalAdmin: boolean
  readonly comment: string
}

interface Column {
  readonly expected: string
  readonly read: (cell: string) => Partial<TableUser> | undefined
  /** Undefined: a secret, or what an export leaves to the server. */
  readonly write: (user: TableUser) => string
}

const text = (name: 'displayedName' | 'comment' | 'timeZone'): Column => ({
  expected: 'a text',
  read: (cell) => ({ [name]: cell }),
  write: (user) => user[name],
})

type Flag = { [K in keyof TableUser]: TableUser[K] extends boolean ? K : never }[keyof TableUser]

const flag = (name: Flag): Column => ({
  expected: 'yes or no',
  read: (cell) => {
    const isYes = /^(?:yes|true|1|on|y)$/i.test(cell)
    return isYes || /^(?:no|false|0|off|n)$/i.test(cell) ? { [name]: isYes } : undefined
  },
  write: (user) => (user[name] ? 'yes' : 'no'),
})

/** Every column beside `email`, `password` and `password_hash`. Read this first. */
const columns: Readonly<Record<string, Column>> = {
  displayed_name: text('displayedName'),
  quota: {
    expected: 'a size such as 500M or 2G; 0 is unlimited',
    read: (cell) => {
      const quotaBytes = parseSize(cell)
      return quotaBytes === undefined ? undefined : { quotaBytes }
    },
    write: ({ quotaBytes }) => sizeText(quotaBytes),
  },
  enabled: flag('enabled'),
  enable_imap: flag('enableImap'),
  enable_pop: flag('enablePop'),
  allow_spoofing: flag('allowSpoofing'),
  forward_to: {
    expected: 'addresses with blanks between them, or - for none',
    read: (cell) => {
      const texts = cell === '-' ? [] : cell.split(/[\s,;]+/)
      const addresses = texts.flatMap((each) => parseAddress(each) ?? [])
      return addresses.length === texts.length
        ? { forwardDestination: addresses, forwardEnabled: addresses.length > 0 }
        : undefined
    },
    write: ({ forwardEnabled, forwardDestination }) => (forwardEnabled ? forwardDestination.join(' ') : ''),
  },
  forward_keep: flag('forwardKeep'),
  must_change_password: flag('mustChangePassword'),
  time_zone: text('timeZone'),
  comment: text('comment'),
  message_rate: {
    expected: 'standard, unlimited or a rate such as 100/day',
    read: (cell) => {
      const word = cell.toLowerCase()
      if (word === 'standard' || word === 'unlimited') return { messageRate: word }
      const messageRate = parseRate(cell)
      return messageRate && messageRate.count > 0 && messageRate.seconds > 0 ? { messageRate } : undefined
    },
    write: ({ messageRate }) => (typeof messageRate === 'string' ? messageRate : rateText(messageRate)),
  },
  global_admin: flag('globalAdmin'),
}

/** A global admin's alone: who looks after some domains says nothing about them. */
const adminColumns: ReadonlySet<string> = new Set(['message_rate', 'global_admin'])
const secrets = ['password', 'password_hash'] as const
const otherNames: Readonly<Record<string, string>> = { address: 'email', name: 'displayed_name' }

export interface TableRow {
  readonly line: number
  readonly address: Address
  readonly secret: { readonly password?: string; readonly passwordHash?: string }
  readonly settings: Partial<TableUser>
}

export interface TableMistake {
  readonly line: number
  /** As it stands in the file; empty where there is none. */
  readonly address: string
  readonly text: string
}

export type UserTable =
  | { readonly kind: 'read'; readonly rows: readonly TableRow[]; readonly mistakes: readonly TableMistake[] }
  /** There is nothing to look at any further. */
  | { readonly kind: 'unreadable'; readonly line: number; readonly text: string }

/** Cells, empty lines among them: of a table as it may be, each line would have so many. */
const mostPerRow = 40

interface Reading {
  readonly mayAll: boolean
  readonly mostRows: number
}

/** Reads a table of users. Its first line names the columns; mistakes are told at their line. */
export function readUserTable(file: string, { mayAll, mostRows }: Reading): UserTable {
  const tooMany = {
    kind: 'unreadable',
    line: 1,
    text: `More than ${mostRows} users. Split the table.`,
  } as const
  const csv = parseCsv(file, (mostRows + 1) * mostPerRow)
  if (csv.kind === 'too-long') return tooMany
  if (csv.kind === 'open-quote')
    return {
      kind: 'unreadable',
      line: csv.line,
      text: 'A quote is not closed, or something stands behind it.',
    }
  const [head, ...records] = csv.records
  const names = (head?.cells ?? []).map((cell) => nameOf(cell))
  const wrong = mistakeInHead(names, mayAll)
  if (wrong !== undefined) return { kind: 'unreadable', line: head?.line ?? 1, text: wrong }
  if (records.length > mostRows) return tooMany
  const seen = new Map<string, number>()
  const read = records.map((record) => rowOf(record, names, seen))
  return {
    kind: 'read',
    rows: read.filter((row) => 'settings' in row),
    mistakes: read.filter((row) => 'text' in row),
  }
}

function nameOf(cell: string): string {
  const name = cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
  return Object.hasOwn(otherNames, name) ? (otherNames[name] ?? name) : name
}

function mistakeInHead(names: readonly string[], mayAll: boolean): string | undefined {
  const known = columnNames(mayAll)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    return `There is no column “${unknown.slice(0, 60)}” here. The first line names the columns: ${known.join(', ')}.`
  if (!names.includes('email')) return 'The first line names the columns; one of them has to be email.'
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  return twice === undefined ? undefined : `The column ${twice} is there twice.`
}

const columnNames = (mayAll: boolean): readonly string[] => [
  'email',
  ...secrets,
  ...Object.keys(columns).filter((name) => mayAll || !adminColumns.has(name)),
]

function rowOf(
  { line, cells }: CsvRecord,
  names: readonly string[],
  seen: Map<string, number>,
): TableRow | TableMistake {
  const said = new Map(names.map((name, at) => [name, cells[at] ?? '']))
  const email = fromCell(said.get('email') ?? '').trim()
  const wrong = (text: string) => ({ line, address: email.slice(0, 320), text })
  const address = parseAddress(email)
  if (address === undefined) return wrong('email: expected an address such as ann@example.org')
  const before = seen.get(address)
  if (before !== undefined) return wrong(`This address is in line ${before} already.`)
  seen.set(address, line)
  if (cells.length > names.length && cells.slice(names.length).some((cell) => cell !== ''))
    return wrong('There are more cells than columns.')
  const settings: Partial<TableUser> = {}
  for (const [name, cell] of said) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined
    const value = fromCell(cell).trim()
    if (!column || value === '') continue
    const read = column.read(value)
    if (!read) return wrong(`${name}: expected ${column.expected}`)
    Object.assign(settings, read)
  }
  return { line, address, secret: secretOf(said), settings }
}

/** As it stands there: a password may begin with anything. */
function secretOf(said: ReadonlyMap<string, string>): TableRow['secret'] {
  const [password = '', hash = ''] = secrets.map((name) => said.get(name))
  if (hash !== '') return { passwordHash: hash.trim() }
  return password === '' ? {} : { password }
}

/** The first line of an export, and of a table to fill in. */
export const tableHead = (mayAll: boolean): string => csvLine(columnNames(mayAll))

/** A user as a line that can be read again; without his password, which nobody knows. */
export function tableLine(user: TableUser & { readonly address: Address }, mayAll: boolean): string {
  const cells = columnNames(mayAll).map((name) => columns[name]?.write(user) ?? '')
  return csvLine([user.address, ...cells.slice(1)])
}
