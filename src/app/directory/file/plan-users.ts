import type { Address } from '../../../lib/address.ts'
import type { Kinds } from '../../../ports/directory-writer.ts'
import { userColumns } from '../columns.ts'
import { planFetches, planTokens } from './plan-nested.ts'
import { checkDomain, createdAt, targetOf } from './plan-row.ts'
import { checkDeletions, goers, type PlannedChange, type Planning, type Steps } from './planning.ts'
import type { ReadFile } from './read-file.ts'
import type { Said } from './read-object.ts'
import { readSecret, type Secret } from './read-secret.ts'

interface UserPlan extends Steps {
  /** Who goes because the file does not name him. */
  readonly unnamed: readonly Address[]
}

export function planUsers(section: ReadFile['user'], planning: Planning): UserPlan {
  const { users, tokens, fetches } = planning.current.rows
  const addresses = users.map(({ address }) => address)
  const before = new Map(users.map((row) => [row.address, row]))
  checkDeletions(section, addresses, planning)
  const gone = goers(section, addresses, planning)
  const nested = {
    tokens: Map.groupBy(tokens, ({ user }) => user),
    fetches: Map.groupBy(fetches, ({ user }) => user),
  }
  const steps = section.items.flatMap(({ key: address, said }): Steps[] => {
    if (address === undefined) return []
    checkDomain(address, said, planning)
    const user = userStep(address, said, before.get(address), planning)
    return [
      { gone: [], made: user },
      planTokens({ user: address, said, existing: nested.tokens.get(address) ?? [], planning }),
      planFetches({ user: address, said, existing: nested.fetches.get(address) ?? [], planning }),
    ]
  })
  return {
    gone: [
      ...steps.flatMap((step) => step.gone),
      ...gone.map(({ key, place }): PlannedChange => ({ change: { on: 'user', do: 'delete', key }, place })),
    ],
    made: steps.flatMap((step) => step.made),
    unnamed: gone.flatMap(({ key, place }) => (place === undefined ? [key] : [])),
  }
}

function userStep(
  address: Address,
  said: Said,
  existing: Planning['current']['rows']['users'][number] | undefined,
  planning: Planning,
): PlannedChange[] {
  const { row, changed } = targetOf(said, existing, userColumns, planning)
  const secret = passwordOf(address, said, existing !== undefined, planning)
  if (!changed && secret === undefined) return []
  const wanted = { address, ...row, ...secret, ...createdAt(said, planning) } as Kinds['user']['row']
  return [{ change: { on: 'user', do: 'put', row: wanted }, place: said.place }]
}

/** Undefined where the password stays what it is. */
function passwordOf(address: Address, said: Said, exists: boolean, planning: Planning): Secret | undefined {
  const read = readSecret(said, planning.mistakes)
  if (read.kind === 'secret') {
    const same = read.secret.passwordHash === planning.current.passwordHashes.get(address)
    return same ? undefined : read.secret
  }
  if (!exists && read.kind === 'none') {
    planning.mistakes.add(said.place, 'password is missing: a new user needs one')
  }
  return undefined
}
