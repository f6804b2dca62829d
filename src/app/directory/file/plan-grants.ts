import type { Address, DomainName } from '../../../lib/address.ts'
import type { Grant } from '../../../ports/directory-rows.ts'
import { isNumbered, type Numbered } from './forms.ts'
import type { Place } from './mistakes.ts'
import type { PlannedChange, Planning, Steps } from './planning.ts'
import type { ReadFile } from './read-file.ts'
import { merged, type Said } from './read-object.ts'

type File = Pick<ReadFile, 'user' | 'domain'>

/** Who manages what, and who may make anonymous aliases where. Users name their domains, and domains their users. */
export function planGrants(file: File, planning: Planning): Steps {
  const { managers, accesses } = planning.current.rows
  const managing = new Grants('manager', managers, planning)
  const having = new Grants('access', accesses, planning)
  for (const { key: domain, said } of file.domain.items) {
    if (domain === undefined) continue
    const ofDomain = (user: Address): Grant => ({ domain, user })
    having.read(said, 'accesses', { base: having.usersOf(domain), grant: ofDomain })
  }
  for (const { key: user, said } of file.user.items) {
    if (user === undefined) continue
    const ofUser = (domain: DomainName): Grant => ({ domain, user })
    managing.read(said, 'managerOf', { base: managing.domainsOf(user), grant: ofUser })
    having.read(said, 'accesses', { base: having.domainsOf(user), grant: ofUser })
  }
  for (const { grant, place } of joined(file, planning)) having.want(grant, place)
  const steps = [managing.steps(), having.steps()]
  return { gone: steps.flatMap(({ gone }) => gone), made: steps.flatMap(({ made }) => made) }
}

interface Joined {
  readonly grant: Grant
  readonly place: Place
}

/** A number that a domain and a user have is the one of a grant; the file does not say it otherwise. */
function joined(file: File, { remark }: Planning): Joined[] {
  const domains = new Map<string, DomainName>()
  const numbers = file.domain.items.flatMap(({ key, said }) =>
    numbersIn(said).map((number) => ({ number, key })),
  )
  for (const { number, key } of numbers) if (key !== undefined) domains.set(number, key)
  const found = new Set<string>()
  const grants = file.user.items.flatMap(({ key: user, said }) =>
    numbersIn(said).flatMap((number): Joined[] => {
      const domain = domains.get(number)
      if (domain === undefined || user === undefined) return []
      found.add(number)
      return [{ grant: { domain, user }, place: said.place }]
    }),
  )
  const unknown = [
    ...new Set([
      ...numbers.map(({ number }) => number),
      ...file.user.items.flatMap(({ said }) => numbersIn(said)),
    ]),
  ].filter((number) => !found.has(number))
  if (unknown.length > 0) {
    remark(
      `domain_accesses: ${unknown.join(', ')} say nothing outside of the server that wrote them; name users or domains`,
    )
  }
  return grants
}

function numbersIn({ values, edits }: Said): Numbered[] {
  const items = (values.get('accesses') ?? edits.get('accesses')?.add ?? []) as readonly string[]
  return items.filter(isNumbered)
}

interface Wanted {
  readonly grant: Grant
  readonly place: Place | undefined
}

const nameOf = ({ domain, user }: Grant) => `${user} for ${domain}`

/** The grants of one kind as they are to be, while the file is read. */
class Grants {
  readonly #on: 'manager' | 'access'
  readonly #before: readonly Grant[]
  readonly #planning: Planning
  readonly #wanted: Map<string, Wanted>

  constructor(on: 'manager' | 'access', before: readonly Grant[], planning: Planning) {
    this.#on = on
    this.#before = before
    this.#planning = planning
    const kept = planning.mode === 'update' ? before : []
    this.#wanted = new Map(kept.map((grant) => [nameOf(grant), { grant, place: undefined }]))
  }

  usersOf(domain: DomainName): Address[] {
    return this.#list().flatMap((grant) => (grant.domain === domain ? [grant.user] : []))
  }

  domainsOf(user: Address): DomainName[] {
    return this.#list().flatMap((grant) => (grant.user === user ? [grant.domain] : []))
  }

  #list(): Grant[] {
    return [...this.#wanted.values()].map(({ grant }) => grant)
  }

  /** In a replacement both sides only add to each other; in an update what is not in the merged list goes. */
  read<Other extends string>(
    said: Said,
    column: 'accesses' | 'managerOf',
    { base, grant }: { readonly base: readonly Other[]; readonly grant: (other: Other) => Grant },
  ): void {
    if (!said.values.has(column) && !said.edits.has(column)) return
    const items = merged(said, { [column]: base }, this.#planning)[column] as readonly (Other | Numbered)[]
    const others = items.filter((item): item is Other => !isNumbered(item))
    if (this.#planning.mode === 'update') {
      for (const other of base) if (!others.includes(other)) this.#wanted.delete(nameOf(grant(other)))
    }
    for (const other of others) this.want(grant(other), said.place)
  }

  want(grant: Grant, place: Place): void {
    if (!this.#wanted.has(nameOf(grant))) this.#wanted.set(nameOf(grant), { grant, place })
  }

  steps(): Steps {
    // Those of a user or domain that goes, go with it, and cannot be what is wanted.
    const { going } = this.#planning
    const staying = this.#before.filter(
      ({ domain, user }) => !going.domains.has(domain) && !going.users.has(user),
    )
    const there = new Set(staying.map(nameOf))
    const on = this.#on
    const asked = [...this.#wanted.values()].filter(({ place }) => place !== undefined)
    return {
      gone: staying
        .filter((grant) => !this.#wanted.has(nameOf(grant)))
        .map((key): PlannedChange => ({ change: { on, do: 'delete', key }, place: undefined })),
      made: asked
        .filter(({ grant }) => !there.has(nameOf(grant)))
        .map(({ grant, place }): PlannedChange => ({ change: { on, do: 'add', row: grant }, place })),
    }
  }
}
