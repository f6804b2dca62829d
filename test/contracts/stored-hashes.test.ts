import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'

let auth: TestAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.end())

describe.each(bothWays)('StoredHashes, %s', (_, way) => {
  test('each hash is answered, in order', async () => {
    const hashes = way(auth.hashes)
    const known = '$1$kpDQWjFJ$1TuJ25AAsiNLOEf/WTYTe0'
    const tooCostly = `$6$rounds=999999999$x$${'a'.repeat(86)}`
    expect(await hashes.usable([known, '!', tooCostly, `{MD5-CRYPT}${known}`, ''])).toEqual([
      true,
      false,
      false,
      true,
      false,
    ])
    expect(await hashes.usable([])).toEqual([])
  })
})
