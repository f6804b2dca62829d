import type { Refusal } from '../../../ports/directory-admin.ts'
import { type Answer, done, refused } from '../answer.ts'

type Outcome = { readonly kind: 'added' | 'changed' | 'deleted' } | { readonly kind: 'missing' } | Refusal

/** What the directory said, in words. */
export function outcome(result: Outcome, what: string, did: string): Answer {
  switch (result.kind) {
    case 'added':
    case 'changed':
    case 'deleted':
      return done(`${what} ${did}.`, { result: did, name: what })
    case 'missing':
      return refused(`There is no ${what}.`)
    case 'refused':
      return refused(result.text)
  }
}
