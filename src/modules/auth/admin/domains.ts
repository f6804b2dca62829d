import type { DomainName } from '../../../lib/address.ts'
import type { Added, Changed, DirectoryAdmin, DomainRow, Refusal } from '../../../ports/directory-admin.ts'
import type { Repository } from '../directory/repository.ts'
import { type AdminParts, change, claim } from './change.ts'
import { checkDomain, inUse } from './checks.ts'
import { sweepDeleted } from './users.ts'

type DomainAdmin = Pick<DirectoryAdmin, 'domains' | 'addDomain' | 'setDomain' | 'deleteDomain'>

export function createDomainAdmin({ directory, mailAccounts }: AdminParts): DomainAdmin {
  return {
    domains: async () => [...(await directory.snapshot()).domains.values()],

    async addDomain(domain) {
      const { alternatives, name, ...settings } = domain
      return (
        checkDomain(domain) ??
        (await change<Added>(directory, async (rows) => {
          if (await rows.domain(name)) await rows.updateDomain(name, settings)
          else {
            const taken = await claim(rows, name, name)
            if (taken) return taken
            await rows.insertDomain(domain)
          }
          return (await nameAlternatives(rows, name, alternatives)) ?? { kind: 'added' }
        }))
      )
    },

    async setDomain(name, { alternatives, ...settings }) {
      const wrong = checkDomain({ name, ...settings, ...(alternatives && { alternatives }) })
      if (wrong) return wrong
      return change<Changed>(directory, async (rows) => {
        if (!(await rows.domain(name))) return { kind: 'missing' }
        await rows.updateDomain(name, settings)
        const refused = alternatives && (await nameAlternatives(rows, name, alternatives))
        return refused ?? { kind: 'changed' }
      })
    },

    async deleteDomain(name) {
      const outcome = await change<Changed>(directory, async (rows) => {
        if (!(await rows.domain(name))) return { kind: 'missing' }
        await rows.buryAccounts(await rows.accountsOf(name))
        await rows.release(name)
        return { kind: 'changed' }
      })
      await sweepDeleted({ directory, mailAccounts })
      return outcome
    },
  }
}

/** Makes them exactly these. */
async function nameAlternatives(
  rows: Repository,
  domain: DomainName,
  wanted: DomainRow['alternatives'],
): Promise<Refusal | undefined> {
  const had = await rows.alternativesOf(domain)
  for (const name of had) {
    if (!wanted.includes(name)) await rows.release(name)
  }
  for (const name of new Set(wanted)) {
    if (had.includes(name)) continue
    if (name === domain) return inUse(name)
    const taken = await claim(rows, name, domain)
    if (taken) return taken
    await rows.insertAlternative(name, domain)
  }
  return undefined
}
