import type { Address } from '../../../lib/address.ts'
import { goneAt, undoDays } from '../../../lib/undo-time.ts'
import type { Change } from '../../../ports/directory-writer.ts'
import { address } from '../../settings/kinds.ts'
import { type Answer, refused } from '../answer.ts'
import { argument, flag, type Verb, type VerbPorts, verb } from '../verb.ts'
import { warned } from './last-admin.ts'
import { actor, notApplied, outcome } from './outcome.ts'
import { userBefore } from './user-before.ts'

const whose = argument(address, 'Address of the user')
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

/** Somebody goes, and comes back while there is time. */
export const userLeavingVerbs: Readonly<Record<string, Verb>> = {
  'user delete': verb({
    summary: `Deletes a user with all mail, gone for good after ${undoDays} days; "user set --enabled false" only closes the account`,
    takes: { address: whose, now: flag('At once, and nobody can take it back') },
    run: async ({ admin }, { address: who, now }) => {
      const before = await userBefore(admin, who)
      if (now === true) return warned(admin, before, await deletedNow(admin, who))
      const deleteAt = goneAt(Date.now())
      const done = await admin.add('departure', { user: who, deleteAt }, actor)
      if (done.kind === 'refused' && done.reason === 'exists') {
        return refused(`${who} is deleted already. "homepost user delete ${who} --now" ends it for good.`)
      }
      return warned(
        admin,
        before,
        outcome(done, who, `deleted; until ${dayOf(deleteAt)} "homepost user restore ${who}" brings it back`),
      )
    },
  }),
  'user restore': verb({
    summary: 'Takes a deleted user back, with mail, aliases and app passwords',
    takes: { address: whose },
    run: async ({ admin }, { address: who }) => {
      const done = await admin.delete('departure', who, actor)
      return done.kind === 'missing'
        ? refused(`${who} was not deleted, or is gone for good.`)
        : outcome(done, who, 'is back')
    },
  }),
  'user leaving': verb({
    summary: 'Lists the deleted users that can be taken back',
    takes: {},
    run: async ({ admin }) => {
      const rows = await admin.departures()
      return {
        kind: 'table',
        columns: ['USER', 'GONE FOR GOOD'],
        rows: rows.map(({ user, deleteAt }) => [user, dayOf(deleteAt)]),
        json: rows.map(({ user, deleteAt }) => ({ user, deleteAt })),
      }
    },
  }),
}

/** Also somebody who is deleted already, and waits for his end. */
async function deletedNow(admin: VerbPorts['admin'], who: Address): Promise<Answer> {
  const isLeaving = (await admin.departures()).some(({ user }) => user === who)
  const changes: Change[] = [
    ...(isLeaving ? [{ on: 'departure', do: 'delete', key: who } as const] : []),
    { on: 'user', do: 'delete', key: who },
  ]
  const done = await admin.apply(changes, { actor })
  switch (done.kind) {
    case 'applied':
      return outcome({ kind: 'changed' }, who, 'deleted')
    case 'not-applied':
      return notApplied(done)
    case 'later':
      return refused(done.text)
  }
}
