import { parseAddress } from '../../../lib/address.ts'
import { parseCsv } from '../../../lib/csv.ts'
import type { Kinds } from '../../../ports/directory-writer.ts'

type NewUser = Kinds['user']['row']

export type NewUsers =
  | { readonly kind: 'users'; readonly users: readonly NewUser[] }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

const mostMistakes = 20

/** Reads `address,password[,name]` lines (a password with a comma in double quotes), or a JSON object a line. */
export function readNewUsers(file: string): NewUsers {
  const users: NewUser[] = []
  const mistakes: string[] = []
  for (const [index, line] of file.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (index === 0 && /^"?(address|email)"?,/i.test(line))) continue
    const user = line.trimStart().startsWith('{') ? fromJson(line) : fromFields(cellsOf(line))
    if (user) users.push(user)
    else mistakes.push(`line ${index + 1}: expected address,password[,name] or {"address":…,"password":…}`)
  }
  return mistakes.length > 0
    ? { kind: 'mistakes', mistakes: mistakes.slice(0, mostMistakes) }
    : { kind: 'users', users }
}

function fromJson(line: string): NewUser | undefined {
  try {
    const { address, password, displayedName, quotaBytes } = JSON.parse(line) as Readonly<
      Record<string, unknown>
    >
    const user = fromFields([address, password, displayedName].map(textOrNothing))
    return user && typeof quotaBytes === 'number' ? { ...user, quotaBytes } : user
  } catch {
    return undefined
  }
}

const textOrNothing = (value: unknown): string => (typeof value === 'string' ? value : '')

function fromFields([email = '', password = '', displayedName = '']: readonly string[]): NewUser | undefined {
  const address = parseAddress(email.trim())
  return address !== undefined && password !== '' ? { address, password, displayedName } : undefined
}

function cellsOf(line: string): readonly string[] {
  const table = parseCsv(line)
  return table.kind === 'table' ? (table.records[0]?.cells ?? []) : []
}
