import type { Address } from '../../../lib/address.ts'
import { planAliases, planRelays } from './plan-aliases.ts'
import { planDomains } from './plan-domains.ts'
import { planGrants } from './plan-grants.ts'
import { checkNames } from './plan-names.ts'
import { planUsers } from './plan-users.ts'
import { type Current, goers, type KeyChange, type PlannedChange, type Planning } from './planning.ts'
import type { ReadFile } from './read-file.ts'
import type { Reading } from './read-object.ts'

/** What an import comes to, as data: nothing has happened yet. */
export interface Plan {
  readonly changes: readonly PlannedChange[]
  readonly keys: readonly KeyChange[]
  /** Users who go because the file does not name them. */
  readonly unnamed: readonly Address[]
  readonly remarks: readonly string[]
}

export function plan(file: ReadFile, reading: Reading, current: Current): Plan {
  const remarks = new Set<string>()
  const planning: Planning = {
    ...reading,
    current,
    remark: (text) => remarks.add(text),
    going: goingIn(file, reading, current),
  }
  const domains = planDomains(file.domain, planning)
  checkNames(file, domains.targets, planning)
  const users = planUsers(file.user, planning)
  const aliases = planAliases(file, planning)
  const relays = planRelays(file.relay, planning)
  const grants = planGrants(file, planning)
  return {
    changes: [
      ...[grants, aliases, users, relays, domains].flatMap(({ gone }) => gone),
      ...[domains, users, aliases, relays, grants].flatMap(({ made }) => made),
    ],
    keys: domains.keys,
    unnamed: users.unnamed,
    remarks: [...remarks],
  }
}

function goingIn(file: ReadFile, reading: Reading, { rows }: Current): Planning['going'] {
  const domains = rows.domains.map(({ name }) => name)
  const users = rows.users.map(({ address }) => address)
  return {
    domains: new Set(goers(file.domain, domains, reading).map(({ key }) => key)),
    users: new Set(goers(file.user, users, reading).map(({ key }) => key)),
  }
}
