import { type Address, domainOf, parseAddress } from '../../../lib/address.ts'
import type { Added, Changed, DirectoryAdmin } from '../../../ports/directory-admin.ts'
import { type AdminParts, change, claim } from './change.ts'
import { checkAlias, noSuchDomain, tooMany } from './checks.ts'

type AliasAdmin = Pick<DirectoryAdmin, 'aliases' | 'addAlias' | 'setAlias' | 'deleteAlias'>

export function createAliasAdmin({ directory }: AdminParts): AliasAdmin {
  return {
    aliases: async (domain) => {
      const { aliases } = await directory.snapshot()
      return [...aliases.values()].filter(
        ({ address }) => domain === undefined || domainOf(address as Address) === domain,
      )
    },

    async addAlias(asked) {
      const alias = { ...asked, address: parseAddress(asked.address) ?? asked.address }
      const wrong = checkAlias(alias)
      if (wrong) return wrong
      const name = domainOf(alias.address as Address)
      return change<Added>(directory, async (rows) => {
        const domain = await rows.domain(name)
        if (!domain) return noSuchDomain(name, await rows.mainDomainOf(name), alias.address)
        if (domain.maxAliases >= 0 && (await rows.countAliases(name)) >= domain.maxAliases) {
          return tooMany('aliases', name, domain.maxAliases)
        }
        const taken = await claim(rows, alias.address, name)
        if (taken) return taken
        await rows.insertAlias(alias)
        return { kind: 'added' }
      })
    },

    async setAlias(text, to) {
      const address = parseAddress(text) ?? text
      const wrong = checkAlias({ ...to, address })
      if (wrong) return wrong
      if (!(await directory.snapshot()).aliases.has(address)) return { kind: 'missing' }
      return change<Changed>(directory, async (rows) => {
        await rows.updateAlias(address, to)
        return { kind: 'changed' }
      })
    },

    async deleteAlias(text) {
      const address = parseAddress(text) ?? text
      if (!(await directory.snapshot()).aliases.has(address)) return { kind: 'missing' }
      return change<Changed>(directory, async (rows) => {
        await rows.release(address)
        return { kind: 'changed' }
      })
    },
  }
}
