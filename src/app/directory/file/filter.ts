import { forms, sectionNames } from './forms.ts'

/** What of an object is exported. What is named is told even where it is a secret or has its standard value. */
export interface Wanted {
  readonly all: boolean
  readonly named: ReadonlyMap<string, Wanted>
}

export const everything: Wanted = { all: true, named: new Map() }

const attributesOf = (name: 'domain' | 'user' | 'alias' | 'relay' | 'token' | 'fetch') => {
  const { primary, columns, others } = forms[name]
  const names: readonly string[] = Object.values(columns).map(({ mailu }) => mailu)
  return [primary, ...names, ...others].filter((attribute) => attribute !== 'hash_password')
}

/** Below which attribute which others are. */
const known: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['', sectionNames],
  ...sectionNames.map((name) => [name, attributesOf(name)] as const),
  ['user.tokens', attributesOf('token')],
  ['user.fetches', attributesOf('fetch')],
])

type ReadFilters =
  | { readonly kind: 'wanted'; readonly wanted: Wanted }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

/** Reads `user`, `domain.dns_mx`, `user.tokens.ip`. None at all is everything. */
export function readFilters(filters: readonly string[]): ReadFilters {
  const mistakes = filters.flatMap((filter) => mistakeOf(filter) ?? [])
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes }
  return { kind: 'wanted', wanted: filters.length === 0 ? everything : wantedOf(filters) }
}

function mistakeOf(filter: string): string | undefined {
  const steps = filter.split('.')
  for (const [at, step] of steps.entries()) {
    const names = known.get(steps.slice(0, at).join('.')) ?? []
    if (names.includes(step)) continue
    const expected =
      names.length > 0 ? `expected one of ${[...names].sort().join(', ')}` : 'nothing is below it'
    return `Invalid filter: ${filter}: ${expected}`
  }
  return undefined
}

function wantedOf(filters: readonly string[]): Wanted {
  const groups = Map.groupBy(filters, (filter) => filter.split('.')[0] ?? '')
  const named = [...groups].map(([name, group]) => {
    const below = group.filter((filter) => filter !== name).map((filter) => filter.slice(name.length + 1))
    const wanted = below.length === 0 ? everything : { ...wantedOf(below), all: group.includes(name) }
    return [name, wanted] as const
  })
  return { all: false, named: new Map(named) }
}
