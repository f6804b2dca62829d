import type { Address } from '../../../lib/address.ts'
import type { DirectoryWriter, NotApplied } from '../../../ports/directory-writer.ts'
import type { DkimKeys } from '../../../ports/dkim-keys.ts'
import { placed } from './mistakes.ts'
import type { Plan } from './plan.ts'
import type { KeyChange } from './planning.ts'
import { type Report, report } from './report.ts'

interface Means {
  readonly admin: Pick<DirectoryWriter, 'apply'>
  readonly dkimKeys: Pick<DkimKeys, 'put' | 'remove'>
}

interface How {
  readonly dryRun: boolean
  /** Users whom the file does not name may go, and their mail with them. */
  readonly deleteUsers: boolean
  /** Who the audit says it was. */
  readonly actor: string
}

type Imported =
  | { readonly kind: 'imported'; readonly report: Report; readonly wouldDelete: readonly Address[] }
  | { readonly kind: 'refused'; readonly texts: readonly string[] }

const mostNamed = 10

/** Does what was planned, all of it or nothing. */
export async function applyPlan(
  plan: Plan,
  means: Means,
  { dryRun, deleteUsers, actor }: How,
): Promise<Imported> {
  const wouldDelete = deleteUsers ? [] : plan.unnamed
  if (wouldDelete.length > 0 && !dryRun) return { kind: 'refused', texts: [deletionText(wouldDelete)] }
  const changes = plan.changes.map(({ change }) => change)
  const applied = await means.admin.apply(changes, { actor, dryRun, overLimits: true })
  if (applied.kind === 'later') return { kind: 'refused', texts: [applied.text] }
  if (applied.kind === 'not-applied') return { kind: 'refused', texts: refusalTexts(plan, applied) }
  if (!dryRun) {
    const troubles = await putKeys(plan.keys, means)
    if (troubles.length > 0) return { kind: 'refused', texts: troubles }
  }
  return { kind: 'imported', report: report(applied.steps, plan.keys), wouldDelete }
}

export function deletionText(users: readonly Address[]): string {
  const named = users.slice(0, mostNamed).join(', ')
  const more = users.length > mostNamed ? ` and ${users.length - mostNamed} more` : ''
  return (
    `This would delete ${users.length} users that the file does not name, and their mail: ${named}${more}.\n` +
    'Say --update to keep what the file does not name, or --delete-users to delete them.'
  )
}

function refusalTexts({ changes }: Plan, { refusals }: NotApplied): string[] {
  return refusals.map(({ at, on, key, outcome }) => {
    const text = outcome.kind === 'missing' ? `there is no ${on} ${key}` : outcome.text
    const place = changes[at]?.place
    return place ? placed(place, text) : `${on} ${key}: ${text}`
  })
}

/** The keys were checked before; what can go wrong now is the disk. */
async function putKeys(keys: readonly KeyChange[], { dkimKeys }: Means): Promise<string[]> {
  const troubles: string[] = []
  for (const { domain, to } of keys) {
    if (to === 'remove') await dkimKeys.remove(domain)
    else {
      const put = await dkimKeys.put(domain, to)
      if (put.kind === 'refused') {
        troubles.push(`Everything else was imported, but not the DKIM key of ${domain}: ${put.text}`)
      }
    }
  }
  return troubles
}
