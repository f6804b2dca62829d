import type {
  Added,
  Changed,
  DirectoryWriter,
  Kinds,
  NotApplied,
  Refusal,
  Settable,
} from '../../../ports/directory-writer.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import { type Answer, done, mistake, refused } from '../answer.ts'

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

interface Setting<K extends keyof Kinds> {
  readonly on: K
  readonly key: Kinds[K]['key']
  readonly to: Partial<Kinds[K]['settings']>
  /** As people call it. */
  readonly what: string
}

/** Changes what the options named; who named none has forgotten something. */
export async function changed<K extends Settable>(
  admin: Pick<DirectoryWriter, 'set'>,
  { on, key, to, what }: Setting<K>,
): Promise<Answer> {
  if (Object.keys(to).length === 0) return mistake('Say what to change: --help has the options.')
  return outcome(await admin.set(on, key, to, actor), what, 'changed')
}

export const missing = (what: string): Answer => refused(`There is no ${what}.`)

/** Every refusal of several changes, a line each. */
export function notApplied({ refusals }: NotApplied): Answer {
  const lines = refusals.map(({ key, outcome: told }) =>
    told.kind === 'missing' ? `There is no ${key}.` : `${key}: ${told.text}`,
  )
  return refused(lines.join('\n'))
}
