import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { address, startAuth } from '../../../../test/support/auth.ts'
import type { AccountId } from '../../../ports/accounts.ts'

// Every version of the schema that was ever published stays here: directory.db of a stopped server, through zstd.
const folder = 'test/fixtures/directory'

test.each(readdirSync(folder))(
  'the directory of %s is all there after an update, and can be changed',
  async (version) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'homepost-upgrade-'))
    writeFileSync(join(dataDir, 'directory.db'), zstdDecompressSync(readFileSync(join(folder, version))))
    const auth = await startAuth({ dataDir })
    try {
      const ann = address('ann@example.com')
      const { domains, users, aliases } = await auth.admin.everything()
      expect(domains).toMatchObject([{ name: 'example.com', maxUsers: 10, alternatives: ['alt.example'] }])
      expect(users).toMatchObject([
        { address: ann, account: 1001, globalAdmin: true, spamThreshold: 80, messageRate: 'standard' },
        { account: 1002, enabled: false, forwardDestination: ['x@else.example'], forwardKeep: false },
      ])
      expect(aliases).toMatchObject([
        { address: '%@example.com', wildcard: true, disabled: true, owner: '' },
        { address: 'team@example.com', destination: [ann, 'x@else.example'] },
      ])
      expect(await auth.admin.add('token', { user: ann }, 'test')).toMatchObject({ kind: 'added', id: 1 })
      expect(await auth.senders.spendAllowance(1001 as AccountId, 1)).toEqual({ kind: 'granted' })
      expect(auth.told).toEqual(['put 1001 1000000000', 'put 1002 0'])
    } finally {
      await auth.end()
    }
  },
)
