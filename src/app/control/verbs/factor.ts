import { address } from '../../settings/kinds.ts'
import { done } from '../answer.ts'
import { argument, type Verb, verb } from '../verb.ts'
import { actor, missing, outcome } from './outcome.ts'

const user = argument(address, 'Whose they are')

/** What somebody is asked for beside his password. */
export const factorVerbs: Readonly<Record<string, Verb>> = {
  'factor list': verb({
    summary: 'Lists what a user is asked for beside the password',
    takes: { user },
    run: async ({ admin, factors }, values) => {
      const found = await admin.user(values.user)
      if (!found) return missing(values.user)
      const { codes, passkeys, recoveryCodesLeft } = await factors.list(found.account)
      const rows = [
        ...(codes ? [{ ...codes, kind: 'code generator' }] : []),
        ...passkeys.map((row) => ({ ...row, kind: 'passkey' })),
      ]
      const date = (at: number | undefined) => (at === undefined ? 'never' : new Date(at).toISOString())
      return {
        kind: 'table',
        columns: ['KIND', 'NAME', 'SINCE', 'LAST USED'],
        rows: rows.map(({ kind, name, createdAt, lastUsedAt }) => [
          kind,
          name,
          date(createdAt),
          date(lastUsedAt),
        ]),
        json: { factors: rows, recoveryCodesLeft },
      }
    },
  }),
  'factor delete': verb({
    summary: 'Takes away all that a user is asked for beside the password: for whoever has lost the phone',
    takes: { user },
    run: async ({ admin, factors }, values) => {
      const found = await admin.user(values.user)
      if (!found) return missing(values.user)
      const removed = await factors.removeAll(found.account, actor)
      switch (removed.kind) {
        case 'removed':
          return done(`${values.user} is asked for the password alone.`, { removed: values.user })
        case 'missing':
          return missing(`second factor of ${values.user}`)
        case 'later':
          return outcome(removed, values.user, '')
      }
    },
  }),
}
