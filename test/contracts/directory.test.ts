import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/platform/sqlite/database.ts'
import { address, addUsers, domainRow, silentUser, startAuth, type TestAuth } from '../support/auth.ts'
import { createPglite, inDataFolder } from '../support/databases.ts'
import { describeKinds } from './directory-kinds-suite.ts'
import { describeDirectory } from './directory-suite.ts'

describe.each([inDataFolder, createPglite()])('on $name', (database) => {
  describe('names', () => describeDirectory(database))
  describe('kinds', () => describeKinds(database))
  afterAll(() => database.end())
})

describe('directory.db', () => {
  let auth: TestAuth
  beforeEach(async () => {
    auth = await startAuth()
    await auth.admin.add('domain', domainRow('example.com'), 'test')
    await addUsers(auth.admin, [silentUser('ann@example.com')])
  })
  afterEach(() => auth.end())

  test('the database itself refuses capitals and doubles', async () => {
    await auth.service.drain()
    const db = openDatabase(join(auth.dataDir, 'directory.db'), 'write')
    const claim = (name: string) =>
      db.prepare('INSERT INTO claims (name, domain) VALUES (?, ?)').run(name, 'example.com')
    expect(() => claim('Bob@example.com')).toThrow(/CHECK/)
    expect(() => claim('ann@example.com')).toThrow(/UNIQUE/)
    db.close()
  })
  test('again of a deleted one where it could not hear it', async () => {
    const annId = (await auth.admin.user(address('ann@example.com')))?.account
    const db = openDatabase(join(auth.dataDir, 'directory.db'), 'write')
    db.prepare("DELETE FROM claims WHERE name = 'ann@example.com'").run()
    db.pragma('foreign_keys = ON')
    db.prepare('UPDATE account_ids SET deleted_at = 1 WHERE account = ?').run(annId)
    db.prepare('DELETE FROM users WHERE account = ?').run(annId)
    db.close()
    auth = await auth.restart()
    expect(auth.told).toContain(`remove ${annId}`)
  })
})
