import type { Added, Changed, NotApplied, Refusal } from '../../../ports/directory-writer.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import { type Answer, done, refused } from '../answer.ts'

/** Who the audit says it was. */
export const actor = 'command line'

/** What the directory said, in words. */
export function outcome(result: Added | Changed | Refusal | TryLater, what: string, did: string): Answer {
  switch (result.kind) {
    case 'added':
      return done(`${what} ${did}.`, {
        result: did,
        name: what,
        ...(result.id !== undefined && { id: result.id }),
      })
    case 'changed':
      return done(`${what} ${did}.`, { result: did, name: what })
    case 'missing':
      return missing(what)
    case 'refused':
    case 'later':
      return refused(result.text)
  }
}

export const missing = (what: string): Answer => refused(`There is no ${what}.`)

/** Every refusal of several changes, a line each. */
export function notApplied({ refusals }: NotApplied): Answer {
  const lines = refusals.map(({ key, outcome: told }) =>
    told.kind === 'missing' ? `There is no ${key}.` : `${key}: ${told.text}`,
  )
  return refused(lines.join('\n'))
}
