import type { Address } from '../../../lib/address.ts'
import type { FetchRow, TokenRow } from '../../../ports/directory-rows.ts'
import type { Change, Kinds } from '../../../ports/directory-writer.ts'
import { type Columns, fetchColumns, tokenColumns } from '../columns.ts'
import { type Form, forms } from './forms.ts'
import { hidden } from './hidden.ts'
import { Mistakes, within } from './mistakes.ts'
import { isNull, isScalar } from './node.ts'
import { createdAt, type Row, sameRow, targetOf } from './plan-row.ts'
import { checkDeletions, goers, type PlannedChange, type Planning, type Steps } from './planning.ts'
import type { Said } from './read-object.ts'
import { readSecret, type Secret } from './read-secret.ts'
import { type Item, nothingSaid, readSection, type Section } from './read-section.ts'

interface OfUser<R> {
  readonly user: Address
  readonly said: Said
  readonly existing: readonly R[]
  readonly planning: Planning
}

type FetchSecret = { readonly password: string }

/** What tokens and fetches differ in. */
interface Nested<S> {
  readonly on: 'token' | 'fetch'
  readonly form: Form<number>
  readonly columns: Columns
  /** Undefined: none is said, or it is hidden. */
  readonly readSecret: (said: Said, mistakes: Mistakes) => S | undefined
  readonly isSecretOf: (secret: S, id: number) => boolean
}

export function planTokens(of: OfUser<TokenRow>): Steps {
  const { tokenHashes } = of.planning.current
  return planNested<Secret>(of, {
    on: 'token',
    form: forms.token,
    columns: tokenColumns,
    readSecret: (said, mistakes) => {
      const read = readSecret(said, mistakes)
      return read.kind === 'secret' ? read.secret : undefined
    },
    isSecretOf: ({ passwordHash }, id) => passwordHash !== undefined && tokenHashes.get(id) === passwordHash,
  })
}

export function planFetches(of: OfUser<FetchRow>): Steps {
  const { fetchPasswords } = of.planning.current
  return planNested<FetchSecret>(of, {
    on: 'fetch',
    form: forms.fetch,
    columns: fetchColumns,
    readSecret: readFetchPassword,
    isSecretOf: ({ password }, id) => fetchPasswords.get(id) === password,
  })
}

function readFetchPassword({ others, place }: Said, mistakes: Mistakes): FetchSecret | undefined {
  const entry = others.get('password')
  if (!entry || (isScalar(entry.value) && entry.value.text === hidden)) return undefined
  if (isScalar(entry.value) && !isNull(entry.value)) return { password: entry.value.text }
  mistakes.add(within(place, 'password', entry.line), 'expected a password')
  return undefined
}

function planNested<S extends object>(of: OfUser<TokenRow | FetchRow>, nested: Nested<S>): Steps {
  const { user, existing, planning } = of
  const section = sectionOf(of, nested)
  const ids = existing.map(({ id }) => id)
  checkDeletions(section, ids, planning)
  const items = withIds(section.items, of, nested)
  const made = items.flatMap((item) => itemStep(item, { user, existing, planning }, nested))
  const gone = goers({ ...section, items }, ids, planning)
  return {
    made,
    gone: gone.map(({ key, place }) => ({ change: { on: nested.on, do: 'delete', key }, place })),
  }
}

function sectionOf<S>({ said, planning }: OfUser<unknown>, { on, form }: Nested<S>): Section<number> {
  const name = on === 'token' ? 'tokens' : 'fetches'
  const entry = said.others.get(name)
  if (!entry) return nothingSaid
  const place = within(said.place, name, entry.line)
  return readSection(entry.value, { place, form, reading: planning, keyRequired: false })
}

/** What has no number is one that is there already, where it is the same in everything that the file says. */
function withIds<S>(
  items: readonly Item<number>[],
  { existing, planning }: OfUser<TokenRow | FetchRow>,
  { columns, readSecret: read, isSecretOf }: Nested<S>,
): readonly Item<number>[] {
  const taken = new Set(items.map(({ key }) => key))
  // What is wrong with an item is told where its step is planned.
  const quiet = { ...planning, mode: 'replace' as const, mistakes: new Mistakes() }
  return items.map((item) => {
    if (item.key !== undefined) return item
    const { row } = targetOf(item.said, undefined, columns, quiet)
    const secret = read(item.said, quiet.mistakes)
    const same = existing.find(
      (old) =>
        !taken.has(old.id) &&
        sameRow(row, old, columns) &&
        (secret === undefined || isSecretOf(secret, old.id)),
    )
    taken.add(same?.id)
    return same ? { ...item, key: same.id } : item
  })
}

function itemStep<S extends object>(
  { key: id, said }: Item<number>,
  { user, existing, planning }: Omit<OfUser<TokenRow | FetchRow>, 'said'>,
  nested: Nested<S>,
): PlannedChange[] {
  const { on, columns } = nested
  const old = existing.find((row) => row.id === id)
  const { row } = targetOf(said, old, columns, planning)
  const secret = nested.readSecret(said, planning.mistakes)
  const place = said.place
  if (old !== undefined && (secret === undefined || nested.isSecretOf(secret, old.id))) {
    if (sameRow(row, old, columns)) return []
    return [{ change: { on, do: 'set', key: old.id, to: row } as Change, place }]
  }
  checkComplete(said, row, { columns, secret, planning })
  const wanted = { user, ...(id !== undefined && { id }), ...row, ...secret, ...createdAt(said, planning) }
  const change = { on, do: id === undefined ? 'add' : 'put', row: wanted as Kinds['token']['row'] }
  return [{ change: change as Change, place }]
}

interface Wanted {
  readonly columns: Columns
  readonly secret: object | undefined
  readonly planning: Planning
}

function checkComplete({ place, others }: Said, row: Row, { columns, secret, planning }: Wanted): void {
  for (const [key, { mailu, kind }] of Object.entries(columns)) {
    if (row[key] === undefined) planning.mistakes.add(place, `${mailu} is missing: expected ${kind.expected}`)
  }
  if (secret !== undefined) return
  planning.mistakes.add(
    place,
    others.has('password')
      ? `password is hidden, and there is none to keep: say it, or export with --secrets`
      : 'password is missing',
  )
}
