import type { Address } from '../../../lib/address.ts'
import type { Touched } from '../directory/rows.ts'
import type { Outcome, Step } from './apply.ts'

/** What look-ups have to know of these changes. With a domain goes everybody in it. */
export function touchedBy(outcomes: readonly Outcome[]): Touched | 'everything' {
  const steps = outcomes.filter((outcome) => 'did' in outcome && outcome.did !== 'unchanged') as Step[]
  if (steps.some(({ on, did }) => on === 'domain' && did === 'deleted')) return 'everything'
  return {
    users: steps.flatMap(usersOf),
    aliases: steps.flatMap(({ on, row }) => (on === 'alias' ? [row['address'] as string] : [])),
    places: steps.some(({ on }) => on === 'domain' || on === 'relay'),
  }
}

function usersOf({ on, row, columns }: Step): readonly Address[] {
  switch (on) {
    case 'user':
      return [row['address'] as Address]
    case 'token':
      // It may have been somebody else's before.
      return [
        row['user'],
        ...columns.filter(({ column }) => column === 'user').map(({ from }) => from),
      ] as Address[]
    case 'manager':
    case 'departure':
      return [row['user'] as Address]
    case 'domain':
    case 'relay':
    case 'alias':
    case 'fetch':
    case 'access':
    case 'setting':
      return []
  }
}
